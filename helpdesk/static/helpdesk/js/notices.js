import { renew } from "./tokens.js";

// What went wrong, said where it can be read, and what was written stays where it is.
const notices = document.getElementById("notices");
const PASSING = "error passing"; // Said no longer than it is so.

// `undo` is the way back: a label, an address and what is sent there.
export function say(text, kind = "", undo = null) {
  const notice = document.createElement("p");
  notice.className = `notice ${kind}`;
  const close = document.createElement("button");
  close.className = "button plain";
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", notices.dataset.close);
  close.addEventListener("click", () => notice.remove());
  notice.append(text, ...(undo ? [wayBack(undo)] : []), close);
  notices.replaceChildren(notice);
  // What stands behind an open dialog is neither heard nor clicked.
  (document.querySelector("dialog[open]") ?? document.body).append(notices);
  if (!kind.startsWith("error")) setTimeout(() => notice.remove(), undo ? 20000 : 8000);
}

document.addEventListener("close", () => document.body.append(notices), { capture: true });

function wayBack({ label, url, token }) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.setAttribute("hx-post", url);
  form.setAttribute("hx-sync", "this:drop");
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken, token })) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = label;
  form.append(button);
  htmx.process(form);
  return form;
}

export const hush = () => notices.replaceChildren();

// What went wrong before is past as soon as the next thing is done.
document.addEventListener("htmx:beforeSend", ({ detail }) => isAsked(detail) && notices.querySelector(".error")?.remove());

// Nobody asked for the counts or the bell's number just then, so nobody needs to hear that they did not come; nor that
// a reply whose time has come is asked for in vain.
const isAsked = (detail) => !detail.elt?.matches?.("nav.views, .bell, #presence, #live, .outbox-one[data-asked] form");

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!isAsked(detail)) return;
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  say(page.querySelector("[data-sentence]")?.textContent || notices.dataset.failed, detail.xhr.status === 503 ? PASSING : "error");
});
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    heard(true);
    if (isAsked(detail)) say(notices.dataset.offline, PASSING);
  });
}
// htmx rejects, with nothing, the promise of what it has told by these events.
addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault());
for (const notice of notices.querySelectorAll(".notice")) setTimeout(() => notice.remove(), 8000);

// Without a network, or without the helpdesk, nothing can be sent: that stands there until it is over, and then goes by
// itself, with what was said because of it.
const offline = document.getElementById("offline");
let isAway = false;

function tellOfTheNetwork() {
  offline.hidden = navigator.onLine && !isAway;
  if (!offline.hidden) offline.textContent = navigator.onLine ? offline.dataset.away : offline.dataset.offline;
}

for (const event of ["online", "offline"]) addEventListener(event, tellOfTheNetwork);
tellOfTheNetwork();

function heard(nothing) {
  if (isAway === nothing || !(nothing || navigator.onLine)) return; // Late answers do not tell that there is a network.
  isAway = nothing;
  tellOfTheNetwork();
  if (isAway) return;
  notices.querySelector(".passing")?.remove();
  document.dispatchEvent(new Event("back-again"));
}

// A request that was given up has no status, and says nothing.
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => xhr.status && heard(xhr.status === 503));

// Who was signed out elsewhere is not torn away from what he writes: only what he does himself leads to signing in.
const signedOut = document.getElementById("signed-out");
const signIn = signedOut.querySelector("a");

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const address = event.detail.xhr.getResponseHeader("HX-Redirect");
  const isOut = address !== null && new URL(address, location).pathname === signIn.pathname;
  // What goes on by itself stands still where it is, with what is left of it.
  if (isAsked(event.detail) && !event.detail.elt.querySelector?.("progress")) return;
  signedOut.hidden = !isOut;
  if (!isOut) return;
  signIn.href = address;
  event.preventDefault();
});

export function tellOfSigningIn() {
  signIn.search = new URLSearchParams({ next: location.pathname + location.search });
  signedOut.hidden = false;
}

// A fetch for what somebody writes. It is redirected only to signing in, and that page is no answer.
export async function ask(address, options) {
  const answer = await fetch(address, { redirect: "manual", ...options });
  if (answer.headers.has("X-Token")) renew();
  if (answer.type !== "opaqueredirect") return answer;
  tellOfSigningIn();
  throw new Error("Signed out.");
}

export const sayThatItFailed = () => signedOut.hidden && say(notices.dataset.failed, "error");
