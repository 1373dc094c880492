// The small form of one property, opened as a dialog over the ticket.
import { isPlain } from "./main.js";

const dialog = document.getElementById("picker-dialog");
const picker = document.getElementById("picker");

const choices = () =>
  [...picker.querySelectorAll(".options li:not([hidden])")].map((item) => item.querySelector("a, button, input:not([type=hidden])"));

export function pick(field) {
  document.querySelector(`#main [data-change="${field}"]`)?.click();
}

// Where the keyboard goes when a dialog closes or a part of the page was replaced: to what one came from, or its menu.
export function returnTo(selector) {
  const from = document.querySelector(selector);
  const menu = from?.closest("details:not([open])")?.querySelector("summary");
  (menu ?? from)?.focus({ preventScroll: true });
}

// The link to the form's own page opens it here.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-change]");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  htmx.ajax("GET", link.getAttribute("href"), { source: link, target: picker, swap: "innerHTML" });
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== picker || !picker.childElementCount) return;
  const filter = picker.querySelector("[data-filter]");
  if (filter) filter.hidden = choices().length < 7;
  if (!dialog.open) dialog.showModal();
  const first = ["[data-seek]", "[autofocus]", '[aria-pressed="true"]'].map((wanted) => picker.querySelector(wanted)).find(Boolean);
  const field = picker.querySelector("input:not([type=hidden], [hidden]), button");
  (filter && !filter.hidden ? filter : (first ?? choices()[0] ?? field))?.focus();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest?.("#picker form");
  if (!form || !detail.successful || detail.requestConfig.verb !== "post") return;
  dialog.close();
  // The link that opened the dialog was replaced by its new self.
  returnTo(`#main [data-change="${form.dataset.field}"]`);
});

// Enter in the search for another ticket takes the first one found, once it is found.
let takesFirst = false;
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id !== "candidates" || !takesFirst) return;
  takesFirst = false;
  choices()[0]?.click();
});

dialog?.addEventListener("close", () => picker.replaceChildren());
dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

picker?.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-filter]")) return;
  const wanted = target.value.trim().toLocaleLowerCase();
  for (const item of picker.querySelectorAll(".options li")) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
  }
});

picker?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = choices();
  if (step && all.length) {
    event.preventDefault();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length].focus();
  } else if (event.key === "Enter" && event.target.matches("[data-filter]")) {
    event.preventDefault();
    all[0]?.click();
  } else if (event.key === "Enter" && event.target.matches("[data-seek]")) {
    takesFirst = true;
  }
});

// A choice answers to what the page shows of the ticket, however old that is.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const version = document.getElementById("timeline")?.dataset.version;
  if (version && detail.verb === "get" && detail.elt.matches?.("#main [data-change]")) detail.parameters.version = version;
});
