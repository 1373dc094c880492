// What is being written is kept: by this browser at every key, by the server a moment later, for every machine.
import { ask } from "./notices.js";

const agent = document.body.dataset.agent;
const PAUSE = 800;

// Tells this window from others in which the same agent writes. It survives a reload.
const writer = (sessionStorage.writer ??= [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16)).join(""));

const states = new WeakMap();
const keyOf = (form) => `draft:${agent}:${form.dataset.draft}`;
const kindOf = (form) => new FormData(form).get("kind");
const isOnServer = (form) => form.dataset.keep !== undefined;

function stateOf(form) {
  if (!states.has(form)) states.set(form, { timer: 0, saving: null, isDirty: false, isHere: true });
  return states.get(form);
}

export function keep(form) {
  keepHere(form);
  if (!isOnServer(form)) return;
  const state = stateOf(form);
  state.isDirty = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), PAUSE);
}

function keepHere(form) {
  const body = form.elements.body.value;
  if (!body.trim()) return localStorage.removeItem(keyOf(form));
  const version = Number(form.elements.draft?.value ?? 0);
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ body, kind: kindOf(form), version, writer }));
    stateOf(form).isHere = true;
  } catch {
    stateOf(form).isHere = false; // The browser's store is full, or closed: the server alone keeps it.
  }
}

export function forget(form) {
  forgetTicket(form.dataset.draft);
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.isDirty = false;
  if (form.elements.draft) form.elements.draft.value = 0;
  tell("");
}

export function forgetTicket(ticket) {
  localStorage.removeItem(`draft:${agent}:${ticket}`);
}

// Everything typed so far is with the server when this is done, or as far as that is possible.
export async function flush(form) {
  if (!form || !isOnServer(form)) return;
  const state = stateOf(form);
  await state.saving;
  if (state.isDirty) await save(form);
}

// Before sending: nothing may still be on its way that would make a draft of what was sent.
export async function settle(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  await state.saving;
}

// Somebody comes back to this window. What another one wrote since, or sent, stands here then, too: by itself where
// nothing was typed in between, else by a choice of both.
function look() {
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const isOnItsWay = form.classList.contains("htmx-request");
    if (document.hidden || isOnItsWay || !form.elements.body.value.trim()) continue;
    const state = stateOf(form);
    if (state.isDirty) save(form);
    else if (!state.saving) state.saving = post(form, state, { isUntouched: true }).finally(() => (state.saving = null));
  }
}

addEventListener("focus", look);
document.addEventListener("visibilitychange", look);

async function save(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (state.saving) await state.saving;
  if (!state.isDirty) return;
  state.isDirty = false;
  state.saving = post(form, state).finally(() => (state.saving = null));
  await state.saving;
}

async function post(form, state, { isUntouched = false } = {}) {
  const { body, draft, csrfmiddlewaretoken } = form.elements;
  const sent = { body: body.value, kind: kindOf(form), based_on: draft.value, writer };
  const data = new URLSearchParams({ ...sent, csrfmiddlewaretoken: csrfmiddlewaretoken.value });
  try {
    const answer = await ask(form.dataset.keep, { method: "POST", body: data, keepalive: sent.body.length < 15_000 });
    if (answer.status === 409) return clash(form, state, await answer.text(), isUntouched && body.value === sent.body);
    if ([404, 410].includes(answer.status)) return goneOn(form, sent.body, answer.headers.get("X-Draft-Version"), await answer.text());
    if (!answer.ok) throw new Error(answer.statusText);
    const { version } = await answer.json();
    isKept(form, sent.body, version);
    tell(sent.body.trim() ? "kept" : "");
  } catch {
    if (isUntouched && body.value === sent.body) return; // The server has it, whether or not it answers now.
    state.isDirty = true;
    tell(state.isHere ? "local" : "nowhere");
  }
}

function isKept(form, text, version) {
  const { body, draft } = form.elements;
  draft.value = version;
  if (body.value === text) localStorage.removeItem(keyOf(form));
  else keepHere(form);
}

// Its ticket is not there any more: the text is, and the way to it is said once. Without a version nobody else has it.
function goneOn(form, text, version, fragment) {
  if (!fragment.includes("data-left-text")) throw new Error("It went that very moment.");
  if (version) isKept(form, text, version);
  const errors = form.querySelector("#composer-errors");
  if (!errors.querySelector("[data-left-text]")) errors.innerHTML = fragment;
  tell(version ? "kept" : "");
}

document.addEventListener("htmx:responseError", ({ detail: { elt, xhr } }) => {
  if (!elt.matches?.("#composer, #presence") || xhr.status !== 404) return;
  const form = document.getElementById("composer");
  if (!form?.elements.body.value.trim() && !form?.querySelector(".pending")) return;
  stateOf(form).isDirty = true;
  save(form);
});

function clash(form, state, fragment, isUntouched) {
  const told = document.createElement("template");
  told.innerHTML = fragment;
  const other = told.content.querySelector("[data-use-other]");
  if (isUntouched) return follow(form, other, told.content.querySelector(".other-text"));
  state.isDirty = true;
  const errors = form.querySelector("#composer-errors");
  if (errors.textContent.trim() !== told.content.textContent.trim()) errors.replaceChildren(told.content);
  tell("local");
}

function follow(form, { dataset: { version, kind } }, other) {
  if (!other) return form.dispatchEvent(new Event("sent-elsewhere", { bubbles: true }));
  fillIn(form, { body: other.textContent, kind });
  isKept(form, other.textContent, version);
  tell("kept");
}

function tell(how) {
  const kept = document.getElementById("kept");
  if (kept) kept.textContent = how ? kept.dataset[how] : "";
}

export function restore(form) {
  const here = JSON.parse(localStorage.getItem(keyOf(form)) ?? "null");
  const { body, draft } = form.elements;
  if (!here?.body || here.body === body.value) return;
  if (!isOnServer(form)) {
    if (!body.value) fillIn(form, here);
    return;
  }
  const isOurs = form.elements.writer.value === here.writer;
  if (!isOurs || Number(draft.value) - here.version > 1) draft.value = here.version;
  fillIn(form, here);
  stateOf(form).isDirty = true;
  save(form);
}

function fillIn(form, { body, kind }) {
  form.elements.body.value = body;
  choose(form, kind);
}

function choose(form, kind) {
  const mode = form.querySelector(`input[name="kind"][value="${kind === "note" ? "note" : "reply"}"]`);
  if (mode?.type === "radio") mode.checked = true;
}

// Two windows know two texts: one of them goes on, and Ctrl+Z brings the other back.
document.addEventListener("click", ({ target }) => {
  const choice = target.closest("[data-use-other], [data-keep-mine]");
  const form = choice?.closest("form[data-draft]");
  if (!form) return;
  form.elements.draft.value = choice.dataset.version;
  if (choice.matches("[data-use-other]")) {
    form.elements.body.select();
    const other = form.querySelector(".other-text")?.textContent ?? "";
    if (!document.execCommand("insertText", false, other)) form.elements.body.value = other;
    if (choice.dataset.kind) choose(form, choice.dataset.kind);
  }
  form.querySelector("#composer-errors").replaceChildren();
  form.elements.body.focus();
  keep(form);
});

const leaving = () => {
  for (const form of document.querySelectorAll("form[data-keep]")) if (stateOf(form).isDirty) save(form);
};
addEventListener("pagehide", leaving);
document.addEventListener("back-again", leaving);
document.addEventListener("htmx:beforeSwap", ({ detail }) => detail.target.id === "main" && leaving());
