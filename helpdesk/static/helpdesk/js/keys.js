// Everything within reach of the keyboard. Single letters act only while nothing is being typed.
import { write } from "./composer.js";
import { perform } from "./deeds.js";
import { isAwaited, leave } from "./main.js";
import { show } from "./menus.js";
import { hush } from "./notices.js";
import { takeBackLast } from "./outbox.js";
import { pick } from "./picker.js";
import { toggleRead } from "./reading.js";
import { here, move } from "./rows.js";
import { change, isAnySelected, selectAll, selectNone, toggle } from "./selection.js";

const go = (view) => () => document.querySelector(`.views [data-view="${view}"]`)?.click();

// With tickets selected, a change is one of all of them; else of the ticket that is open.
const alter = (field) => () => (isAnySelected() ? change(field) : pick(field));

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => here()?.click(),
  u: leave,
  r: () => write("reply"),
  n: () => write("note"),
  a: alter("assignee"),
  s: alter("status"),
  p: alter("priority"),
  t: alter("tags"),
  m: alter("team"),
  z: () => pick("snooze"),
  e: alter("merge"),
  l: () => pick("link"),
  x: toggle,
  U: toggleRead,
  X: selectAll,
  Escape: () => {
    hush();
    selectNone();
  },
  Z: takeBackLast,
  f: () => perform("follow", "unfollow"),
  c: () => document.querySelector('.bar a[href$="/tickets/new/"]')?.click(),
  "/": () => document.getElementById("words")?.select(),
  "?": () => show("shortcuts"),
};

const OF_TICKET = new Set([..."urnasptmzelfU"].map((key) => KEYS[key]));

const AFTER_G = {
  m: go("mine"),
  u: go("unassigned"),
  t: go("teams"),
  o: go("open"),
  p: go("pending"),
  s: go("solved"),
};

export const press = (key) => KEYS[key]?.();

const isTyping = (element) => element.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]");

let afterG = -Infinity;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  const act = actionFor(event);
  if (isHeld(event.key, act)) held.push(event.key);
  else if (act) act();
  else return;
  event.preventDefault();
});

// What is meant for a ticket that is on its way waits for it, with what is typed after it, rather than meet the one before.
let held = [];

const isHeld = (key, act) => key.length === 1 && (held.length > 0 || (isAwaited() && OF_TICKET.has(act)));

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "main") return;
  if (detail.successful) requestAnimationFrame(release); // When the ticket has the focus.
  else held = [];
});

function release() {
  if (isAwaited()) return; // The next one is asked for already.
  for (const key of held.splice(0)) {
    if (isTyping(document.activeElement)) document.execCommand("insertText", false, key);
    else KEYS[key]?.();
  }
}

function actionFor(event) {
  const isSecond = event.timeStamp - afterG < 1500;
  afterG = -Infinity;
  if (isSecond) return AFTER_G[event.key];
  if (event.key === "g") {
    afterG = event.timeStamp;
    return undefined;
  }
  if (event.target.closest("#rows")) {
    if (event.key === "ArrowDown") return KEYS.j;
    if (event.key === "ArrowUp") return KEYS.k;
  }
  return Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
}
