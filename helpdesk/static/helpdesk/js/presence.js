// Who else is at this ticket and at those of the list, and what is new. A sign of life every 15 seconds while
// somebody looks.
import { inSight, tell } from "./rows.js";

const EVERY = 15_000;
const TYPING = 10_000;

let typedAt = -Infinity;
let said = null; // The ticket of the last sign of life, and whether it said that somebody types.

const ticket = () => document.querySelector(".ticket[data-presence]");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

function beat() {
  const here = ticket();
  if (document.hidden || !navigator.onLine) return;
  if (!here) return ask();
  const { seen, version } = document.getElementById("timeline").dataset;
  const known = document.getElementById("presence").dataset.known;
  const typing = performance.now() - typedAt < TYPING ? "1" : "";
  const values = { csrfmiddlewaretoken: token(), seen, version, known, typing, row: inSight() };
  if (said?.address !== here.dataset.presence) values.first = "1";
  said = { address: here.dataset.presence, typing };
  htmx.ajax("POST", here.dataset.presence, { source: "#presence", swap: "none", values });
}

// When the page stands and nobody waits for it.
function soon() {
  (window.requestIdleCallback ?? setTimeout)(beat, { timeout: 1000 });
}

// Where no ticket is open, only the list is asked for.
function ask() {
  const list = document.getElementById("rows");
  const row = list ? inSight() : [];
  if (!row.length) return;
  const values = { row, known: document.getElementById("live").dataset.rows };
  htmx.ajax("GET", list.dataset.live, { source: "#live", swap: "none", values });
}

function leave() {
  if (!said) return;
  const data = new FormData();
  data.append("csrfmiddlewaretoken", token());
  data.append("leave", "1");
  navigator.sendBeacon(said.address, data);
  said = null;
  typedAt = -Infinity;
}

// Its page says so where news of it stand, and can still be read; the list is asked for as if none were open.
document.addEventListener("htmx:responseError", ({ detail: { elt, xhr } }) => {
  if (elt.id !== "presence" || xhr.status !== 404) return;
  said = null;
  elt.closest(".ticket").removeAttribute("data-presence");
  elt.replaceChildren();
  const sentence = document.createElement("p");
  sentence.className = "gone";
  sentence.textContent = document.getElementById("notices").dataset.gone;
  document.getElementById("news").replaceChildren(sentence);
  ask();
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.(".composer textarea")) return;
  typedAt = performance.now();
  if (!said?.typing) beat();
});

// What is still to be told of the ticket that goes would stand in the one that comes, or nowhere.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const here = document.getElementById("presence");
  if (here && detail.shouldSwap && detail.target.id === "main") htmx.trigger(here, "htmx:abort");
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "main") return;
  if (said && said.address !== ticket()?.dataset.presence) leave();
  soon();
});
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id === "live") tell(JSON.parse(document.getElementById("live").dataset.rows));
  if (detail.target.id === "timeline") document.getElementById("news")?.replaceChildren();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-show-talk]")) document.querySelector(".talk").focus({ preventScroll: true });
});
document.addEventListener("message-sent", () => {
  typedAt = -Infinity;
  setTimeout(beat, 500);
});
document.addEventListener("visibilitychange", beat);
addEventListener("online", beat);
addEventListener("pagehide", leave);
setInterval(beat, EVERY);
soon();
