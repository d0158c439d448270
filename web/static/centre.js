// Quickens the workbench: `g` and a letter goes to a page of the navigation, `/` to the search, `?` lists the keys. Works without.
"use strict";

const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
let leading = false;

const keys = document.getElementById("keys");
const opener = document.getElementById("keys-open");
if (keys && opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
}

// A long task in parts: the next one is begun, so that nobody has to press for each.
document.querySelector("form[data-continue]")?.requestSubmit();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || keys?.open) return;
  if (leading) {
    leading = false;
    const link = document.querySelector(`header.site nav a[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  } else if (event.key === "g") {
    leading = true;
    setTimeout(() => { leading = false; }, 1500);
  } else if (event.key === "?" && keys) {
    event.preventDefault();
    keys.showModal();
  } else if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});
