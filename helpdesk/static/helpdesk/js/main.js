// The third column is exchanged in place, so that the list keeps its place; the address follows.
import { focusHere, mark, openRow } from "./rows.js";

const main = document.getElementById("main");
const isPhone = matchMedia("(max-width: 800px)");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== main) return;
  const address = detail.pathInfo.finalRequestPath ?? detail.pathInfo.requestPath;
  if (!detail.requestConfig.headers["X-Place"]) {
    history.pushState({ place: true }, "", address);
  }
  arrive();
});

function arrive() {
  mark(location.pathname);
  const subject = document.getElementById("subject");
  if (subject) subject.focus({ preventScroll: true });
  else focusHere();
}

addEventListener("popstate", () => {
  if (!document.getElementById("rows")) return location.reload();
  const request = { target: "#main", swap: "innerHTML", headers: { "X-Place": "kept" } };
  htmx.ajax("GET", location.pathname + location.search, request);
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
  htmx.ajax("GET", address, { target: "#main", swap: "innerHTML" });
  return true;
}

// The ticket below the open one in the list; at its end, back to it.
export function next() {
  const row = openRow()?.closest(".row").nextElementSibling;
  const link = row?.querySelector(".row-subject");
  if (link) link.click();
  else leave({ always: true });
}

// A ticket, in place where there is a list beside it.
export function open(address) {
  if (!document.getElementById("rows")) return location.assign(address);
  htmx.ajax("GET", address, { target: "#main", swap: "innerHTML" });
}

openRow()?.closest(".row").scrollIntoView({ block: "nearest" });
