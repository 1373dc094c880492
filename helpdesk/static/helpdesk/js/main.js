// The third column is exchanged in place, so that the list keeps its place; the address follows.
import { focusHere, mark, openRow } from "./rows.js";

const main = document.getElementById("main");
const isPhone = matchMedia("(max-width: 800px)");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== main) return;
  const address = detail.pathInfo.finalRequestPath ?? detail.pathInfo.requestPath;
  if (!detail.requestConfig.headers["X-Place"]) {
    history.pushState({ place: true }, "", asShown(address));
  }
  arrive();
});

// Beside a list that stands from its top, a row's address is without the page that brought it: loaded anew, the list
// begins at its top again and is read as far as it was.
function asShown(address) {
  const url = new URL(address, location);
  if (place !== undefined && !isPhone.matches) url.searchParams.delete("after");
  return url;
}

// What the list is read on to may be the row of the open ticket.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "more" && !openRow()) mark(location.pathname);
});

function arrive() {
  mark(location.pathname);
  // Who asked from the composer is in the new one already, where nobody wanted to be.
  if (main.contains(document.activeElement)) askedFrom = document.activeElement;
  // With the next frame, which lays the page out anyhow: the exchange itself is long enough.
  requestAnimationFrame(() => {
    showOpenRow();
    takeFocus();
  });
}

// From where the focus was when the ticket was asked for. Whoever went on meanwhile, to another row or to write, stays there.
function takeFocus() {
  if (![askedFrom, document.body].includes(document.activeElement)) return;
  const subject = document.getElementById("subject");
  if (subject) subject.focus({ preventScroll: true });
  else focusHere();
}

addEventListener("popstate", () => {
  if (!document.getElementById("rows")) return location.reload();
  show(location.pathname + location.search, { headers: { "X-Place": "kept" } });
});

// Back to the list: in place where the list stands beside the ticket or behind it. `always` leaves the ticket there, too.
export function leave({ always = false } = {}) {
  const back = main.querySelector("[data-back]");
  if (!back) return;
  if (always || isPhone.matches) back.click();
  else focusHere();
}

// Open a ticket in the third column, where there is one beside a list. Says whether it does.
export function follow(address) {
  if (!document.getElementById("rows") || isPhone.matches) return false;
  show(address);
  return true;
}

// Whether a ticket is on its way to the third column.
export const isAwaited = () => main.classList.contains("htmx-request");

// The ticket below the open one in the list; at its end, back to it.
export function next() {
  const link = document.querySelector("#rows .row:has([aria-current]) ~ .row:not([data-gone]) .row-subject");
  if (link) link.click();
  else leave({ always: true });
}

// A ticket, in place where there is a list beside it.
export function open(address) {
  if (!document.getElementById("rows")) return location.assign(address);
  show(address);
}

let askedFrom = null;

function show(address, more = {}) {
  // When the palette, which may ask, has given the focus back.
  queueMicrotask(() => (askedFrom = document.activeElement));
  htmx.ajax("GET", address, { source: main, target: main, swap: "innerHTML", ...more });
}

// Rows, and what opens dialogs, are heard here and in picker.js, once for all of them: however many there are, a page
// is at hand at once.
export const isPlain = (event) =>
  !(event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#rows .row-subject");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  show(link.getAttribute("href"));
});

const showOpenRow = () => openRow()?.closest(".row").scrollIntoView({ block: "nearest" });

// Who comes back to a list, or loads it anew, goes on in it where he was: as far as it was read, it is read again.
const { place } = document.getElementById("list")?.dataset ?? {};
const keptTop = `top:${document.body.dataset.agent}:${place}`;
const isBack = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
let awaited = place === undefined || !isBack ? 0 : Number(sessionStorage.getItem(keptTop));

addEventListener("pagehide", () => {
  const rows = document.getElementById("rows");
  if (place === undefined || !rows?.checkVisibility()) return;
  try {
    sessionStorage.setItem(keptTop, rows.scrollTop);
  } catch {
    // The browser's store is full, or closed: the list begins at its top.
  }
});

function readOn() {
  const rows = document.getElementById("rows");
  if (!awaited || !rows) return;
  rows.scrollTop = awaited;
  if (rows.scrollTop > awaited - 1 || !rows.querySelector("#more a")) awaited = 0;
}

for (const event of ["wheel", "keydown", "pointerdown"]) addEventListener(event, () => (awaited = 0), { passive: true });
document.addEventListener("htmx:afterSettle", readOn);

// With the next frame, which lays the page out anyhow.
requestAnimationFrame(() => {
  readOn();
  showOpenRow();
});
