// What one button does to the ticket. The part of the page that it stood in was replaced: the keyboard goes back there.
import { say } from "./notices.js";
import { returnTo } from "./picker.js";

export function perform(...names) {
  for (const name of names) {
    const button = document.querySelector(`#main [data-do="${name}"]`);
    if (button) return button.form.requestSubmit(button);
  }
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches?.("form[data-deed]") || !detail.successful) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  if (document.activeElement === document.body) returnTo("#more-of-ticket summary");
});

document.addEventListener("said", ({ detail }) => say(detail.text, detail.kind, detail.undo));
