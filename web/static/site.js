// Makes the pages quicker: forms sent in place. Works without.
"use strict";

const main = document.getElementById("main");

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

main.querySelector("[data-focus]")?.focus();
