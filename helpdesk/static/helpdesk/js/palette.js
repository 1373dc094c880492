// Ctrl+K: everything by name. What it finds comes from the server; what it opens is what the shortcuts open.
import { follow } from "./main.js";
import { press } from "./keys.js";
import { show } from "./menus.js";
import { selectedNumbers } from "./selection.js";

const dialog = document.getElementById("palette");
const field = document.getElementById("palette-words");

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (document.querySelector("dialog[open]:not(#palette)")) return;
  event.preventDefault();
  show("palette");
});

// Before it is there: whoever types at once loses no letter.
dialog.addEventListener("opening", () => {
  field.value = "";
  htmx.trigger(field, "ask");
});

// What is typed is no filter of the list that is open, and the tickets at hand are those that are selected, else
// the one that is open.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches?.("[data-combobox]")) return;
  detail.parameters.find = detail.elt.value;
  delete detail.parameters.q;
  const filter = document.querySelector('#palette-place [name="q"]');
  if (filter) detail.parameters.q = filter.value;
  if (detail.elt !== field) return;
  const open = document.querySelector("#main [data-ticket]")?.dataset.ticket;
  const selected = selectedNumbers();
  detail.parameters.ticket = selected.length ? selected : open ? [open] : [];
});

document.addEventListener("click", (event) => {
  const option = event.target.closest?.(".found-option");
  if (!option) return;
  if (option.matches("[data-ticket-link]") && !event.ctrlKey && !event.metaKey && follow(option.getAttribute("href"))) event.preventDefault();
  // What is found next takes the place of the others, but not of the one whose answer is awaited.
  if (option.matches("[data-act]")) document.getElementById("palette-chosen").replaceChildren(option);
  if (option.dataset.key) setTimeout(() => press(option.dataset.key));
  if (option.closest("#suggestions")) document.getElementById("suggestions").hidden = true;
  dialog.close();
});

dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
