// Quickens forms of the vocabulary: names suggested, answers echoed as typed, cards added. Works without.
"use strict";
(() => {
  const later = (wait, action) => {
    let timer;
    return (...given) => { clearTimeout(timer); timer = setTimeout(() => action(...given), wait); };
  };

  /* Names of places and industries while typing. */
  const suggest = later(150, async (input) => {
    const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`);
    if (!answer.ok) return;
    let list = document.getElementById(`${input.id}-list`);
    if (!list) {
      list = document.createElement("datalist");
      list.id = `${input.id}-list`;
      input.after(list);
      input.setAttribute("list", list.id);
    }
    list.replaceChildren(...(await answer.json()).map((name) => new Option(name, name)));
  });

  /* What is understood of an answer, or what is wrong with it. */
  const understand = later(350, async (input) => {
    const line = document.getElementById(`${input.id}-understood`), talk = input.closest("[data-understand]");
    if (!line || !talk) return;
    const form = input.form, unit = form.elements.namedItem(`${input.name}.unit`);
    const body = new URLSearchParams({ csrf_token: form.elements.namedItem("csrf_token").value, field: input.dataset.field, text: input.value, unit: unit ? unit.value : "" });
    const answer = await fetch(talk.dataset.understand, { method: "POST", body });
    // The page may have been left meanwhile; the next one says itself what is wrong.
    if (!answer.ok || !input.isConnected) return;
    const said = await answer.json();
    document.getElementById(`${input.id}-problem`)?.setAttribute("hidden", "");
    line.textContent = said.problem || (said.understood && talk.dataset.heard + said.understood);
    line.className = said.problem ? "problem" : "understood";
    line.hidden = !line.textContent;
  });

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input.dataset.suggest && input.value.trim()) suggest(input);
    if (input.dataset.field) understand(input);
    if (input.name?.endsWith(".unit")) understand(input.form.elements.namedItem(input.name.slice(0, -5)));
  });

  /* Cards are added without a round trip; a card that was never sent goes at once. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add]");
    const blank = button?.closest("[data-list]").querySelector("[data-blank]");
    if (!blank) return;
    event.preventDefault();
    const list = button.closest("[data-list]"), cards = list.querySelector("[data-cards]");
    const used = [...cards.querySelectorAll("input[name$='.card']")].map((input) => Number(input.value.slice(1)) || 0);
    const token = `n${Math.max(-1, ...used) + 1}`, holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML.replaceAll("n999999", token).replaceAll("999999", cards.children.length + 1);
    cards.append(holder.content);
    const told = list.querySelector("input[type=radio]:checked"), all = list.querySelector("input[type=radio][value=all]");
    if (!told || !["all", "some"].includes(told.value)) all.checked = true;
    cards.lastElementChild.querySelector("input:not([type=hidden]), select").focus();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-remove]")) return;
    const card = event.target.closest("[data-card]"), fresh = card.querySelector("input[name$='.card']").value.startsWith("n");
    const list = card.closest("[data-list]");
    if (fresh) card.remove(); else card.classList.toggle("removed", event.target.checked);
    if (fresh) list.querySelector("[data-add]").focus();
  });
})();
