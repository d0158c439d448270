// Makes the pages quicker: forms sent in place, names suggested, answers echoed as typed, cards added. Works without.
"use strict";

const main = document.getElementById("main");
const later = (wait, action) => {
  let timer;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => action(...given), wait); };
};

/* Pages shown in place live as long as the tab: going back shows them as they were left. */
const pages = new Map();
let current = 0;
let leaving = false;
history.replaceState({ page: 0 }, "");

function show(page) {
  main.className = page.width;
  main.replaceChildren(...page.nodes);
  const nav = document.querySelector("header.site nav");
  nav?.remove();
  if (page.nav) document.querySelector("header.site > div").append(page.nav);
  document.title = page.title;
}

function keep() {
  const nav = document.querySelector("header.site nav");
  pages.set(current, { nodes: [...main.childNodes], nav, title: document.title, width: main.className, top: scrollY });
}

async function dressed(other) {
  const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href));
  const missing = [...other.querySelectorAll("link[rel=stylesheet]")].filter((link) => !known.has(new URL(link.getAttribute("href"), location).href));
  await Promise.all(missing.map((link) => new Promise((done) => {
    const own = document.createElement("link");
    own.rel = "stylesheet";
    own.href = link.getAttribute("href");
    own.onload = own.onerror = done;
    document.head.append(own);
  })));
}

function scripted(other) {
  const known = new Set([...document.scripts].map((script) => script.src));
  for (const script of other.querySelectorAll("script[src]")) {
    const own = document.createElement("script");
    own.src = script.getAttribute("src");
    if (!known.has(own.src)) document.head.append(own);
  }
}

async function send(form, button) {
  const url = button?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { method: "POST", body });
    if (!(answer.headers.get("Content-Type") || "").startsWith("text/html")) throw new Error("not a page");
    const other = new DOMParser().parseFromString(await answer.text(), "text/html");
    await dressed(other);
    keep();
    current = Math.max(current, ...pages.keys()) + 1;
    history.pushState({ page: current }, "", answer.url);
    const fresh = other.getElementById("main");
    show({ nodes: [...fresh.childNodes], nav: other.querySelector("header.site nav"), title: other.title, width: fresh.className });
    scripted(other);
    const first = main.querySelector("[data-focus]");
    (first || main).focus({ preventScroll: !first });
    if (!first) scrollTo(0, 0);
  } catch {
    form.removeAttribute("data-inplace");
    form.requestSubmit(button);
  } finally {
    main.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented) return;
  if (!form.matches("[data-inplace]") || button?.hasAttribute("data-native")) {
    leaving = true;
    setTimeout(() => { leaving = false; }, 3000);
    return;
  }
  event.preventDefault();
  if (!main.hasAttribute("aria-busy")) send(form, button);
});

addEventListener("popstate", (event) => {
  const page = pages.get(event.state?.page);
  if (!page) return;
  keep();
  current = event.state.page;
  show(page);
  scrollTo(0, page.top);
});

/* Nothing is stored, so leaving loses what was told. */
addEventListener("beforeunload", (event) => {
  const state = document.querySelector("input[name=state]");
  if (!leaving && state && !state.value.startsWith('{"profile":{}')) event.preventDefault();
});

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
  const line = document.getElementById(`${input.id}-understood`);
  if (!line || !input.isConnected) return;
  const form = input.form, unit = form.elements.namedItem(`${input.name}.unit`);
  const body = new URLSearchParams({ csrf_token: form.elements.namedItem("csrf_token").value, field: input.dataset.field, text: input.value, unit: unit ? unit.value : "" });
  const answer = await fetch(main.dataset.understand, { method: "POST", body });
  // The page may have been left meanwhile; the next one says itself what is wrong.
  if (!answer.ok || !input.isConnected) return;
  const said = await answer.json();
  document.getElementById(`${input.id}-problem`)?.setAttribute("hidden", "");
  line.textContent = said.problem || (said.understood && main.dataset.heard + said.understood);
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

main.querySelector("[data-focus]")?.focus();
