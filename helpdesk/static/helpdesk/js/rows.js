// The rows of the list: which one is open, which one the keyboard stands on.
const links = () => [...document.querySelectorAll("#rows .row-subject")];

export const openRow = () => document.querySelector("#rows [aria-current]");

export function mark(path) {
  for (const link of links()) {
    if (link.pathname === path) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
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
