// Replies on their way: the seconds in which they can be taken back, and what follows.
import { flushComposer, goOn } from "./composer.js";
import { open } from "./main.js";

const LATE = 400;
const AGAIN = 3000;

function tick() {
  const now = performance.now();
  for (const one of document.querySelectorAll(".outbox-one")) {
    one.dataset.due ??= now + Number(one.dataset.left) * 1000;
    const left = Number(one.dataset.due) - now;
    one.querySelector(".outbox-left").textContent = left > 0 ? Math.ceil(left / 1000) : "";
    if ((left >= -LATE && !isWanted(one)) || now < Number(one.dataset.asked) + AGAIN) continue;
    one.dataset.asked = now;
    one.querySelector(isWanted(one) ? "[data-take-back]" : "[data-deliver]").requestSubmit();
  }
}

const isWanted = (one) => one.dataset.wanted !== undefined;

setInterval(tick, 250);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-take-back]")) return;
  event.preventDefault();
  takeBack(form);
});

async function takeBack(form) {
  await flushComposer();
  htmx.ajax("POST", form.action, { source: form, swap: "none" });
}

// The wish to have it back outlives a network that is away for a moment. What has gone out by then is said to have.
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, ({ detail: { elt, xhr } }) => {
    if (!elt.matches?.("[data-take-back]")) return;
    const one = elt.closest(".outbox-one");
    one.toggleAttribute("data-wanted", !xhr.status || xhr.status === 503);
    one.dataset.asked = performance.now();
  });
}

export function takeBackLast() {
  const forms = document.querySelectorAll("[data-take-back]");
  forms[forms.length - 1]?.requestSubmit();
}

document.addEventListener("reply-taken-back", ({ detail }) => {
  localStorage.removeItem(`draft:${document.body.dataset.agent}:${detail.ticket}`);
  if (!detail.here) return open(detail.url);
  const area = document.getElementById("body");
  if (area) goOn(area);
});
