// The rows of the list: which one is open, which one the keyboard stands on.
const links = () => [...document.querySelectorAll("#rows .row-subject")];

export const openRow = () => document.querySelector("#rows [aria-current]");

export function mark(path) {
  for (const link of links()) {
    if (link.pathname !== path) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", "true");
    markNew(link.closest(".row"), false);
  }
}

// The row to go on from: the focused one, else the one that was last focused, else the open one.
// By its id: a row that changes is replaced.
let last = "";
document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.(".row-subject, .row-pick")) last = target.closest(".row").id;
});

export function here() {
  return document.getElementById(last)?.querySelector(".row-subject") ?? openRow();
}

export function move(step) {
  const all = links();
  if (!all.length) return;
  const at = all.indexOf(here());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  next.focus();
  next.closest(".row").scrollIntoView({ block: "nearest" });
}

export function focusHere() {
  const row = here() ?? links()[0];
  row?.focus();
}

// An answer brings the row of a ticket anew: of these two, if the list has them. And as much of the open ticket's
// conversation as is shown of it.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const asked = /^\/tickets\/(\d+)\//.exec(detail.path)?.[1];
  const open = document.querySelector("#main [data-ticket]")?.dataset.ticket;
  const listed = [asked, open].filter((number) => number && document.getElementById(`row-${number}`));
  detail.headers["X-Rows"] = listed.join(" ") || "none";
  const { shown } = document.getElementById("timeline")?.dataset ?? {};
  if (shown && (asked ?? open) === open) detail.headers["X-Shown"] = shown;
});

// The numbers of the rows on the screen, or near it.
export function inSight() {
  const list = document.getElementById("rows");
  if (!list?.checkVisibility()) return [];
  const { top, bottom } = list.getBoundingClientRect();
  const isNear = (box) => box.bottom > top - 300 && box.top < bottom + 300;
  return [...list.querySelectorAll(".row")].filter((row) => isNear(row.getBoundingClientRect())).map(numberOf);
}

const numberOf = (row) => row.id.slice(4);

// The numbers of the first rows, up to so many.
export const first = (most) => [...document.querySelectorAll("#rows .row")].slice(0, most).map(numberOf);

// What is told of rows while they are shown: whether they are new, and who is there. Of those that are gone, nothing.
export function tell(told) {
  for (const [number, news] of Object.entries(told)) {
    const row = document.getElementById(`row-${number}`);
    if (!row) continue;
    markGone(row, !news);
    const [isNew, initials, sentence] = news ?? [];
    markNew(row, isNew && row.querySelector("[aria-current]") === null);
    showWhoIsThere(row, initials, sentence);
  }
}

// Its place stays until the list is loaded anew: nothing moves under anybody's hand.
function markGone(row, isGone) {
  if (isGone === isGoneRow(row)) return;
  row.toggleAttribute("data-gone", isGone);
  row.querySelector(".row-gone")?.remove();
  const box = row.querySelector(".row-pick");
  if (box) box.checked = !(box.disabled = isGone) && box.checked;
  if (!isGone) return;
  const words = document.createElement("span");
  words.className = "row-gone";
  words.textContent = document.getElementById("is-gone").textContent;
  row.querySelector(".row-facts").append(words);
}

const isGoneRow = (row) => row.dataset.gone !== undefined;

function markNew(row, isNew = false) {
  row.toggleAttribute("data-new", isNew);
  const link = row.querySelector(".row-subject");
  if (isGoneRow(row)) link.setAttribute("aria-describedby", "is-gone");
  else if (isNew) link.setAttribute("aria-describedby", "is-new");
  else link.removeAttribute("aria-describedby");
}

// It floats over the row: nothing moves when somebody comes or goes.
function showWhoIsThere(row, initials, sentence) {
  const shown = row.querySelector(".row-there");
  if (!initials) return shown?.remove();
  if (shown?.title === sentence) return;
  const mark = document.createElement("span");
  mark.className = "row-there";
  mark.title = sentence;
  const letters = document.createElement("span");
  letters.ariaHidden = "true";
  letters.textContent = initials;
  const words = document.createElement("span");
  words.className = "apart";
  words.textContent = sentence;
  mark.append(letters, words);
  shown?.remove();
  row.append(mark);
}
