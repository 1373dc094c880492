// The views and their counts, asked for while somebody looks; and whether the list has tickets that it does not show yet.
import { first, mark } from "./rows.js";

const views = document.querySelector("nav.views");
const list = document.getElementById("list");
const EVERY = 30_000;

function ask() {
  if (document.hidden || !navigator.onLine) return;
  const place = list?.dataset.place;
  const address = place === undefined ? views.dataset.counts : `${views.dataset.counts}?${place}`;
  const values = place === undefined ? {} : { shown: first(25).join() };
  htmx.ajax("GET", address, { swap: "none", source: views, values });
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);

// Whoever saves, renames or deletes a view that is shared: the others see it with the next counts.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-Views"] = document.getElementById("saved-views").dataset.known;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "rows") return;
  document.getElementById("arrived").replaceChildren();
  mark(location.pathname);
  document.querySelector("#rows .row-subject")?.focus({ preventScroll: true });
});
