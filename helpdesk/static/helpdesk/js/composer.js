// Drafts survive reloads, sign-outs and crashes; Ctrl+Enter sends; sending empties the composer, nothing else does.
const agent = document.body.dataset.agent;
const keyOf = (form) => `draft:${agent}:${form.dataset.draft}`;

const forms = () => document.querySelectorAll("form[data-draft]");

function restore(form) {
  const draft = JSON.parse(localStorage.getItem(keyOf(form)) ?? "null");
  if (!draft || form.elements.body.value) return;
  form.elements.body.value = draft.body;
  const mode = form.querySelector(`input[name="kind"][value="${draft.kind === "note" ? "note" : "reply"}"]`);
  if (mode?.type === "radio") mode.checked = true;
}

function keep(form) {
  const body = form.elements.body.value;
  if (!body.trim()) return localStorage.removeItem(keyOf(form));
  const kind = new FormData(form).get("kind");
  localStorage.setItem(keyOf(form), JSON.stringify({ body, kind }));
}

function prepare() {
  for (const form of forms()) {
    if (form.dataset.prepared !== undefined) continue;
    form.dataset.prepared = "";
    restore(form);
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (form) keep(form);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-send]"));
});

document.addEventListener("message-sent", ({ detail }) => {
  localStorage.removeItem(`draft:${agent}:${detail.ticket}`);
  const form = document.querySelector(`form[data-draft="${detail.ticket}"]`);
  if (!form) return;
  form.elements.body.value = "";
  form.elements.attachments.value = "";
  document.getElementById("composer-errors").replaceChildren();
  document.querySelector(".talk")?.scrollTo({ top: 0 });
});

// A new ticket is opened by an ordinary form: its draft goes when its page is left for the ticket.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("form[data-draft][data-plain]")) sessionStorage.setItem("opened", keyOf(target));
});
if (sessionStorage.getItem("opened")) {
  if (!document.querySelector("form[data-plain]")) localStorage.removeItem(sessionStorage.getItem("opened"));
  sessionStorage.removeItem("opened");
}

// Too much is said before it is sent; the server would refuse it, too.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file][data-most]")) return;
  const { most, mostSaid, bytes, bytesSaid } = target.dataset;
  const files = [...target.files];
  const isTooLarge = files.some((file) => file.size > Number(bytes));
  target.setCustomValidity(files.length > Number(most) ? mostSaid : isTooLarge ? bytesSaid : "");
  target.reportValidity();
});

// Another mode is only another mode: the text stays and the cursor returns to it.
export function write(kind) {
  const form = document.getElementById("composer");
  if (!form) return;
  const mode = form.querySelector(`input[name="kind"][value="${kind}"]`);
  if (!mode) return;
  mode.checked = true;
  form.elements.body.focus();
}

document.addEventListener("htmx:afterSwap", prepare);
prepare();
