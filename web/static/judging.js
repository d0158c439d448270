// Keys on the page of one matter: 1 and 2 answer, n goes to the next enterprise, Ctrl+Enter sends. Works without.
"use strict";

const finding = document.querySelector("form[data-finding]");
const inField = (target) => target.closest("input:not([type=radio]), select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.altKey || document.getElementById("keys")?.open) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && finding?.contains(event.target)) finding.requestSubmit(finding.querySelector("button.primary"));
    return;
  }
  if (inField(event.target)) return;
  if (finding && (event.key === "1" || event.key === "2")) {
    finding.querySelector(`input[value=${event.key === "1" ? "yes" : "no"}]`).checked = true;
    finding.querySelector("textarea").focus();
    event.preventDefault();
  } else if (event.key === "n") {
    document.getElementById("next")?.click();
  }
});
