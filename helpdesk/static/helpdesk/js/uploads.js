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

// The keyboard goes on with the next file, or with the text.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const removed = detail.target.closest?.(".pending");
  if (!removed || !removed.contains(document.activeElement)) return;
  const next = removed.nextElementSibling ?? removed.previousElementSibling;
  (next?.querySelector("button") ?? formOf(removed).elements.body).focus();
});

function take(form, files) {
  const { bytes, bytesSaid } = form.querySelector("input[type=file]").dataset;
  let before = Promise.allSettled(underway.get(form) ?? []);
  for (const file of [...files]) {
    const item = show(form, file);
    if (file.size > Number(bytes)) {
      fail(form, item, `${file.name}: ${bytesSaid}`);
      continue;
    }
    // One after the other: the first begins the draft that the others join.
    before = before.then(() => send(form, file, item));
    underway.set(form, [...(underway.get(form) ?? []), before]);
  }
}

function show(form, file) {
  for (const failed of form.querySelectorAll(".pending.failed")) if (failed.dataset.name === file.name) failed.remove();
  const item = document.createElement("li");
  item.className = "pending";
  item.dataset.name = file.name;
  const name = document.createElement("span");
  name.textContent = file.name;
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  item.append(name, progress);
  form.querySelector(".pending-files").append(item);
  return item;
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
      else fail(form, item, `${file.name}: ${reason(request) ?? form.querySelector(".pending-files").dataset.failed}`);
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

function fail(form, item, text) {
  item.classList.add("failed");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button plain";
  close.textContent = "×";
  close.setAttribute("aria-label", form.querySelector(".pending-files").dataset.removed);
  close.addEventListener("click", () => item.remove());
  const said = document.createElement("span");
  said.setAttribute("role", "alert");
  said.textContent = text;
  item.replaceChildren(said, close);
}
