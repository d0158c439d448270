// Keeps the page of a list up to date while it is worked on. Without it the page loads itself anew.
"use strict";

const running = document.querySelector("[data-progress]");

async function look() {
  let told;
  try {
    const answer = await fetch(running.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) { location.reload(); return; }
    told = await answer.json();
  } catch {
    setTimeout(look, 5000);
    return;
  }
  if (told.state !== running.dataset.state) { location.replace(location.pathname); return; }
  running.querySelector("progress").value = told.share;
  running.querySelector("[data-share]").textContent = `${told.share}%`;
  for (const name of ["done", "rejected"]) {
    running.querySelector(`[data-${name}]`).textContent = told[name].toLocaleString("en");
  }
  const words = running.querySelector("[data-told]");
  if (words.textContent !== told.told) words.textContent = told.told;
  setTimeout(look, 1000);
}

if (running) setTimeout(look, 1000);
