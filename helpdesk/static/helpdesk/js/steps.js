// The buttons of steps send their form and show it again. With scripts only the steps are exchanged, in place.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(".steps button");
  if (!button) return;
  event.preventDefault();
  const { form, value } = button;
  const sent = new FormData(form);
  sent.set(button.name, value);
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".steps");
    button.closest(".steps").replaceWith(document.adoptNode(fresh));
    focusAfter(fresh, value);
  } catch {
    form.requestSubmit(button);
  }
});

// The keyboard stays with the step that was moved, goes into one that is new, and else to the next one.
function focusAfter(steps, pressed) {
  const [what, place] = pressed.split("-");
  const rows = [...steps.querySelectorAll(".step")];
  const at = { add: rows.length - 1, up: place - 1, down: Number(place) + 1, remove: Math.min(place, rows.length - 1) }[what];
  const row = rows[at];
  const wanted = what === "add" ? ":is(select, input:not([type=hidden]), textarea)" : `button[value^="${what}"]:not([disabled]), button:not([disabled])`;
  (row?.querySelector(wanted) ?? steps.querySelector(".step-new select"))?.focus();
}
