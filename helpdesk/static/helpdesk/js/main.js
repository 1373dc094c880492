// The third column is exchanged in place, so that the list keeps its place; the address follows.
import { focusHere, mark } from "./rows.js";

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

// Back to the list: in place where the list stands beside the ticket or behind it.
export function leave() {
  const back = main.querySelector("[data-back]");
  if (!back) return;
  if (isPhone.matches) back.click();
  else focusHere();
}

// Open a ticket in the third column, where there is one beside a list. Says whether it does.
export function follow(address) {
  if (!document.getElementById("rows") || isPhone.matches) return false;
  htmx.ajax("GET", address, { target: "#main", swap: "innerHTML" });
  return true;
}

const open = document.querySelector("#rows [aria-current]");
if (open) open.closest(".row").scrollIntoView({ block: "nearest" });
