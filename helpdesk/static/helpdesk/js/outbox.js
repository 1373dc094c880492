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
    if (left < -LATE && !(now < Number(one.dataset.asked) + AGAIN)) {
      one.dataset.asked = now;
      one.querySelector("[data-deliver]").requestSubmit();
    }
  }
}

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
