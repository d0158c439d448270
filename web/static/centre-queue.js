// Quickens a queue: j and k go from row to row, x chooses, o opens, a takes the case, n and p turn the page. All of it
// can be done without.
"use strict";

const form = document.getElementById("rows");
const rows = [...document.querySelectorAll("tr[data-row]")];
const boxes = rows.map((row) => row.querySelector("input[name=id]")).filter(Boolean);
const every = document.querySelector("input.every");
const all = form?.querySelector("input[name=all]");
const chosen = form?.querySelector(".chosen");
let last = null;

const link = (row) => row.querySelector(".who a");
const current = () => rows.findIndex((row) => row.contains(document.activeElement));

function count() {
  if (!chosen) return;
  const number = all?.checked ? Number(all.dataset.total) : boxes.filter((box) => box.checked).length;
  chosen.textContent = number ? chosen.dataset.some.replace("{n}", number) : chosen.dataset.none;
  for (const box of boxes) box.disabled = Boolean(all?.checked);
  every.disabled = Boolean(all?.checked);
  every.checked = number > 0 && boxes.every((box) => box.checked);
  every.indeterminate = !every.checked && boxes.some((box) => box.checked);
}

if (every) {
  every.hidden = false;
  every.addEventListener("change", () => { for (const box of boxes) box.checked = every.checked; count(); });
  all?.addEventListener("change", count);
  for (const [place, box] of boxes.entries()) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last !== null) {
        const [from, to] = [last, place].sort((one, other) => one - other);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = place;
      count();
    });
  }
  // A page that one comes back to keeps its ticks.
  addEventListener("pageshow", count);
  count();
}

function step(by) {
  const now = current();
  const next = now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + by, 0), rows.length - 1);
  const target = rows[next] && link(rows[next]);
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function choose() {
  const box = boxes[current()];
  if (box && !box.disabled) { box.checked = !box.checked; last = boxes.indexOf(box); count(); }
}

function take() {
  const button = form?.querySelector("button[data-do=take]");
  if (!button) return;
  const here = boxes[current()];
  if (!all?.checked && !boxes.some((box) => box.checked) && here) { here.checked = true; count(); }
  form.requestSubmit(button);
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  x: choose,
  a: take,
  o: () => { const row = rows[current()]; if (row) link(row).click(); },
  n: () => document.querySelector(".pager a[rel=next]")?.click(),
  p: () => document.querySelector(".pager a[rel=prev]")?.click(),
};

document.addEventListener("keydown", (event) => {
  const act = ACTIONS[event.key];
  // While `g` waits for its letter, that letter is its own.
  if (!act || leading || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || keys?.open) return;
  event.preventDefault();
  act();
});
