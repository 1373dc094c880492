// The small form of one property, opened as a dialog over the ticket.
const dialog = document.getElementById("picker-dialog");
const picker = document.getElementById("picker");

const choices = () => [...picker.querySelectorAll(".options li:not([hidden])")].map((item) => item.querySelector("button, input"));

export function pick(field) {
  document.querySelector(`#main [data-change="${field}"]`)?.click();
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== picker) return;
  const filter = picker.querySelector("[data-filter]");
  if (filter) filter.hidden = choices().length < 7;
  if (!dialog.open) dialog.showModal();
  const current = picker.querySelector('[aria-pressed="true"]');
  (filter && !filter.hidden ? filter : (current ?? picker.querySelector("input:not([type=hidden], [hidden])")))?.focus();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest?.("#picker form");
  if (!form || !detail.successful || detail.requestConfig.verb !== "post") return;
  const field = form.dataset.field;
  dialog.close();
  // The link that opened the dialog was replaced by its new self.
  document.querySelector(`#main [data-change="${field}"]`)?.focus({ preventScroll: true });
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
  }
});
