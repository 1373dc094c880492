// Files are uploaded as soon as they are chosen, dropped or pasted, and wait with the draft.
import { tellOfSigningIn } from "./notices.js";

const underway = new WeakMap();
let running = 0;

// Whoever leaves before a file has arrived is asked.
addEventListener("beforeunload", (event) => running && event.preventDefault());

// When no upload of this form is under way any more: whether each has arrived, or what did not was taken away.
export async function uploaded(form) {
  await Promise.allSettled(underway.get(form) ?? []);
  return !form.querySelector(".pending.failed");
}

const formOf = (target) => target.closest?.("form[data-upload]");

document.addEventListener("change", ({ target }) => {
  const form = formOf(target);
  if (!form || !target.matches("input[type=file]")) return;
  take(form, target.files);
  target.value = "";
});

document.addEventListener("paste", (event) => {
  const form = formOf(event.target);
  if (!form || !event.clipboardData.files.length) return;
  event.preventDefault();
  take(form, event.clipboardData.files);
});

// Files may be dropped anywhere on the page: beside the composer the browser would open them, and leave the page.
const targetOf = ({ target, dataTransfer }) => {
  const isOwn = !dataTransfer?.types.includes("Files") || target.matches?.("input[type=file]") || document.querySelector("dialog[open]");
  return isOwn ? null : document.querySelector("form[data-upload]");
};

document.addEventListener("dragover", (event) => {
  const form = targetOf(event);
  if (!form) return;
  event.preventDefault();
  form.dataset.over = "";
});

for (const end of ["dragleave", "drop"]) {
  document.addEventListener(end, (event) => {
    const form = targetOf(event);
    if (form) delete form.dataset.over;
  });
}

document.addEventListener("drop", (event) => {
  const form = targetOf(event);
  if (!form) return;
  event.preventDefault();
  take(form, event.dataTransfer.files);
});

// The keyboard goes on with the next file, or with the text; where that was all of a draft, it begins anew.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const removed = detail.target.closest?.(".pending");
  if (!removed) return;
  if (detail.xhr.getResponseHeader("X-Draft-Version") === "0") formOf(removed).elements.draft.value = 0;
  if (!removed.contains(document.activeElement)) return;
  const next = removed.nextElementSibling ?? removed.previousElementSibling;
  (next?.querySelector("button") ?? formOf(removed).elements.body).focus();
});

function take(form, files) {
  const { bytes, bytesSaid } = form.querySelector("input[type=file]").dataset;
  for (const file of [...files]) {
    const item = show(form, file);
    if (file.size > Number(bytes)) fail(form, item, `${file.name}: ${bytesSaid}`);
    else queue(form, file, item);
  }
}

// One after the other: the first begins the draft that the others join.
function queue(form, file, item) {
  const before = underway.get(form) ?? [];
  underway.set(form, [...before, Promise.allSettled(before).then(() => send(form, file, item))]);
}

function show(form, file) {
  for (const failed of form.querySelectorAll(".pending.failed")) if (failed.dataset.name === file.name) failed.remove();
  const item = document.createElement("li");
  item.className = "pending";
  item.dataset.name = file.name;
  item.append(...underWay(file));
  form.querySelector(".pending-files").append(item);
  return item;
}

function underWay(file) {
  const name = document.createElement("span");
  name.textContent = file.name;
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  return [name, progress];
}

function send(form, file, item) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.upload);
    request.upload.addEventListener("progress", ({ loaded, total }) => (item.querySelector("progress").value = loaded / total));
    running += 1;
    request.addEventListener("loadend", () => {
      running -= 1;
      if (request.getResponseHeader("X-Draft-Version") !== null) arrive(form, item, request);
      else if (reason(request)) fail(form, item, `${file.name}: ${reason(request)}`);
      else fail(form, item, `${file.name}: ${form.querySelector(".pending-files").dataset.failed}`, again(form, file, item));
      if (request.responseURL && new URL(request.responseURL).pathname !== form.dataset.upload) tellOfSigningIn();
      resolve();
    });
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("kind", new FormData(form).get("kind"));
    data.append("file", file, file.name || "file");
    request.send(data);
  });
}

function arrive(form, item, request) {
  const holder = document.createElement("ul");
  holder.innerHTML = request.responseText;
  const arrived = holder.firstElementChild;
  item.replaceWith(arrived);
  htmx.process(arrived);
  const { draft } = form.elements;
  if (draft.value === "0") draft.value = request.getResponseHeader("X-Draft-Version");
}

function reason(request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return undefined;
  }
}

// The file is still at hand: what kept it from arriving may be over.
function again(form, file, item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "text-button";
  button.textContent = form.querySelector(".pending-files").dataset.again;
  button.addEventListener("click", () => {
    item.classList.remove("failed");
    item.replaceChildren(...underWay(file));
    form.elements.body.focus();
    queue(form, file, item);
  });
  return button;
}

function fail(form, item, text, ...ways) {
  item.classList.add("failed");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button plain";
  close.textContent = "×";
  close.setAttribute("aria-label", `${form.querySelector(".pending-files").dataset.removed} ${item.dataset.name}`);
  close.addEventListener("click", () => item.remove());
  const said = document.createElement("span");
  said.setAttribute("role", "alert");
  said.textContent = text;
  item.replaceChildren(said, ...ways, close);
}
