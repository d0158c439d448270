// Quickens the workbench: `g` and a letter goes to a page of the navigation, `?` lists the keys. Works without.
"use strict";

const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
let leading = false;

// A long task in parts: the next one is begun, so that nobody has to press for each.
document.querySelector("form[data-continue]")?.requestSubmit();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (leading) {
    leading = false;
    const link = document.querySelector(`header.site nav a[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  } else if (event.key === "g") {
    leading = true;
    setTimeout(() => { leading = false; }, 1500);
  }
});
