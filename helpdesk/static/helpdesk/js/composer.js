// Writing and sending: Ctrl+Enter sends; sending empties the composer, nothing else does.
import { flush, forget, forgetTicket, keep, restore, settle } from "./drafts.js";
import { leave, next } from "./main.js";
import { say } from "./notices.js";
import { uploaded } from "./uploads.js";

const composer = () => document.getElementById("composer");

function prepare() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (form.dataset.prepared !== undefined) continue;
    form.dataset.prepared = "";
    restore(form);
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (form && target.matches('[name="body"], [name="kind"], form[data-plain] *')) keep(form);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.querySelector("[data-send]").click();
});

// What is still on its way to the server arrives before the message itself is sent: or it is not sent without that.
document.addEventListener("htmx:confirm", (event) => {
  const form = event.detail.elt;
  if (form.id !== "composer") return;
  event.preventDefault();
  Promise.all([settle(form), uploaded(form)]).then(([, isWhole]) => {
    if (isWhole) event.detail.issueRequest(true);
    else say(document.getElementById("pending-files").dataset.missing, "error");
  });
});

document.addEventListener("message-sent", ({ detail }) => {
  forgetTicket(detail.ticket);
  const form = document.querySelector(`form[data-draft="${detail.ticket}"]`);
  if (form) empty(form);
  if (detail.after === "next") next();
  else if (detail.after === "list") leave({ always: true });
});

// By the same agent, from another window: the conversation has it, this window is done with it.
document.addEventListener("sent-elsewhere", ({ target }) => {
  empty(target);
  htmx.ajax("GET", target.dataset.fresh, { source: target.closest(".ticket"), swap: "none" });
});

function empty(form) {
  forget(form);
  form.elements.body.value = "";
  form.elements.attachments.value = "";
  document.getElementById("composer-errors").replaceChildren();
  document.getElementById("pending-files").replaceChildren();
  const preview = form.querySelector('[data-show-preview][aria-pressed="true"]');
  preview?.click();
  for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
  document.querySelector(".talk")?.scrollTo({ top: 0 });
  // What a program proposed stands below the conversation, and could hide what was just written.
  requestAnimationFrame(() => document.querySelector("#timeline > li:last-child")?.scrollIntoView({ block: "nearest" }));
}

// What the page has seen of the conversation is what the next message answers to.
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  const form = composer();
  if (detail.target.id === "timeline" && form) form.elements.seen.value = document.getElementById("timeline").dataset.seen;
});

// A new ticket is opened by an ordinary form: its draft goes when its page is left for the ticket.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("form[data-plain]")) sessionStorage.setItem("opened", target.dataset.draft);
});
if (sessionStorage.getItem("opened")) {
  if (!document.querySelector("form[data-plain]")) forgetTicket(sessionStorage.getItem("opened"));
  sessionStorage.removeItem("opened");
}

// Too much is said before it is sent; the server would refuse it, too.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("form[data-plain] input[type=file][data-most]")) return;
  const { most, mostSaid, bytes, bytesSaid } = target.dataset;
  const files = [...target.files];
  const isTooLarge = files.some((file) => file.size > Number(bytes));
  target.setCustomValidity(files.length > Number(most) ? mostSaid : isTooLarge ? bytesSaid : "");
  target.reportValidity();
});

// Another mode is only another mode: the text stays and the cursor returns to it.
export function write(kind) {
  const form = composer();
  const mode = form?.querySelector(`input[name="kind"][value="${kind}"]`);
  if (!mode) return;
  document.querySelector(".ticket-details").open = false;
  if (!mode.checked && mode.type === "radio") {
    mode.checked = true;
    if (form.elements.body.value.trim()) keep(form);
  }
  goOn(form.elements.body);
}

// On where the cursor stood; in a text that was only brought back, at its end.
export function goOn(area) {
  if (!area.selectionEnd) area.setSelectionRange(area.value.length, area.value.length);
  area.focus();
}

// The text as it is now, with the server: before it takes a reply back, which joins the two.
export const flushComposer = () => flush(composer());

document.addEventListener("htmx:afterSwap", prepare);
document.addEventListener("htmx:oobAfterSwap", prepare);
prepare();
