// A measure and its road map open in place. Without this script the same buttons and links lead to pages of their own.
"use strict";
(() => {
  const request = async (button) => {
    const headers = { "X-Fragment": "1" };
    const sent = button.form && { method: "POST", body: new FormData(button.form, button), headers };
    const answer = sent ? await fetch(button.formAction, sent) : await fetch(button.href, { headers });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  const toggle = async (button) => {
    if (button.hasAttribute("aria-busy")) return;
    const place = document.getElementById(button.dataset.into);
    if (!place.hidden) {
      place.hidden = true;
      button.setAttribute("aria-expanded", "false");
      return;
    }
    if (!place.hasChildNodes()) {
      button.setAttribute("aria-busy", "true");
      try {
        place.innerHTML = await request(button);
      } finally {
        button.removeAttribute("aria-busy");
      }
    }
    place.hidden = false;
    button.setAttribute("aria-expanded", "true");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-into]");
    if (!button || !(button.form || button.href) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // Where the part cannot be had, the whole page says why.
    toggle(button).catch(() => { if (button.form) button.form.requestSubmit(button); else location.assign(button.href); });
  });

  // A link to a measure inside a folded part unfolds it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    for (let part = target && target.closest("details"); part; part = part.parentElement.closest("details")) {
      part.open = true;
    }
  });
})();
