// Tickets ticked in the list. What is ticked stays so while rows are replaced, loaded and left for a ticket.
import { focusHere, here } from "./rows.js";

const form = document.getElementById("bulk");
const key = `selected:${document.body.dataset.agent}:${form?.dataset.place}`;
const chosen = new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
const boxes = () => [...document.querySelectorAll("#rows .row-pick:enabled")];
let last = null;

export const selectedNumbers = () => boxes().filter((box) => box.checked).map((box) => box.value);
export const isAnySelected = () => selectedNumbers().length > 0;

export function toggle() {
  const box = here()?.closest(".row").querySelector(".row-pick:enabled");
  if (!box) return;
  mark([box], !box.checked);
  last = box;
}

export const selectAll = () => mark(boxes(), true);
export const selectNone = () => mark(boxes(), false);
export const change = (field) => form?.querySelector(`button[value="${field}"]`).click();

function mark(some, checked) {
  for (const box of some) {
    box.checked = checked;
    if (checked) chosen.add(box.value);
    else chosen.delete(box.value);
  }
  tell();
}

function tell() {
  const count = form?.querySelector("[data-selected]");
  if (count) count.textContent = selectedNumbers().length;
  try {
    sessionStorage.setItem(key, JSON.stringify([...chosen]));
  } catch {
    // The browser's store is full, or closed: what is ticked stays so until the page is left.
  }
}

function apply() {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  tell();
}

document.addEventListener("click", (event) => {
  const { target, shiftKey } = event;
  if (target.matches?.("#bulk-outcome [data-dismiss]")) {
    event.preventDefault();
    target.closest("#bulk-outcome").replaceChildren();
    focusHere();
  }
  if (target.dataset?.select) mark(boxes(), target.dataset.select === "all");
  if (!target.matches?.("#rows .row-pick")) return;
  const all = boxes();
  const [from, to] = [all.indexOf(shiftKey && last?.isConnected ? last : target), all.indexOf(target)].sort((a, b) => a - b);
  mark(all.slice(from, to + 1), target.checked);
  last = target;
});

// The ticket that is open changes with the others.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const open = document.querySelector("#main [data-ticket]")?.dataset.ticket;
  if (open && detail.path.startsWith("/bulk/") && detail.verb === "post") detail.parameters.open = open;
});

// What is under way goes on only while its page is there: whoever leaves is asked, and what stood still can go on.
addEventListener("beforeunload", (event) => document.querySelector("#bulk-outcome progress") && event.preventDefault());
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const button = detail.elt.querySelector?.("[data-go-on]");
  if (button) button.hidden = false; // Of one that went on, nobody sees the former form any more.
});

document.addEventListener("bulk-told", ({ detail }) => {
  for (const pk of detail.changed) chosen.delete(String(pk));
  if (detail.ended && document.activeElement === document.body) focusHere();
});

for (const event of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(event, apply);
if (form) apply();
