"use strict";
// The form below each address: sends what stands in it, shows what comes back.
document.querySelectorAll("form.try").forEach((form) => {
  const said = form.querySelector("output"), shown = form.querySelector("pre");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form), body = fields.get("body");
    const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields.get(name)));
    said.textContent = "正在发送……";
    try {
      const answer = await fetch(path, {
        method: form.dataset.method, credentials: "omit",
        ...(body === null ? {} : { body, headers: { "Content-Type": "application/json" } }),
      });
      const text = await answer.text();
      said.textContent = `${answer.status} ${answer.headers.get("Content-Type")}`;
      let pretty = text;
      try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
      shown.firstElementChild.textContent = pretty.length > 60000 ? `${pretty.slice(0, 60000)}\n……` : pretty;
      shown.hidden = false;
    } catch {
      said.textContent = "没有连上服务，请稍后再试。";
    }
  });
});
