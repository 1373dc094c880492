// “/” offers templates, “@” in a note offers colleagues: typed on, the list narrows; Enter takes, Esc closes.
import { replace } from "./markdown.js";
import { ask, say, sayThatItFailed } from "./notices.js";

const TRIGGERS = {
  "/": { pattern: /(?:^|\s)\/([^\s/]{0,40})$/, list: "templates" },
  "@": { pattern: /(?:^|[^\w@])@((?:[^\n@]{0,40}[^\s@])?)$/, list: "colleagues" },
};
const lists = new WeakMap();
let open = null; // What is open: the textarea, the trigger's place, the box.

const choices = () => [...open.list.querySelectorAll('[role="option"]:not([hidden])')];

document.addEventListener("input", ({ target }) => {
  if (target.matches?.(".composer textarea")) look(target);
});

async function look(area) {
  const before = area.value.slice(0, area.selectionStart);
  const isNote = new FormData(area.form).get("kind") === "note";
  const mark = Object.keys(TRIGGERS).find((key) => (key === "/" || isNote) && TRIGGERS[key].pattern.test(before));
  if (!mark || area.selectionStart !== area.selectionEnd) return close();
  const [, typed] = TRIGGERS[mark].pattern.exec(before);
  const start = before.length - typed.length - 1;
  if (open?.refused === start) return;
  const items = await itemsFor(area.form, TRIGGERS[mark].list);
  if (area.value.slice(0, area.selectionStart) !== before) return;
  show(area, start, typed, items);
}

async function itemsFor(form, name) {
  if (!lists.has(form)) lists.set(form, {});
  const known = lists.get(form);
  known[name] ??= ask(form.dataset[name])
    .then((answer) => (answer.ok ? answer.text() : ""))
    .catch(() => "");
  const html = await known[name];
  if (!html) delete known[name];
  return html;
}

function show(area, start, typed, html) {
  const box = area.form.querySelector(".suggest");
  const list = box.querySelector("ul");
  if (list.dataset.shown !== html.slice(0, 200) || !list.children.length) {
    list.innerHTML = html;
    list.dataset.shown = html.slice(0, 200);
  }
  open = { area, start, box, list };
  const wanted = typed.trim().toLocaleLowerCase();
  for (const item of list.children) item.hidden = !item.matches("[data-nothing]") && !item.textContent.toLocaleLowerCase().includes(wanted);
  if (!choices().length && !list.querySelector("[data-nothing]")) return close();
  box.hidden = false;
  area.setAttribute("aria-controls", list.id);
  mark(choices()[0]);
}

function mark(item) {
  for (const other of open.list.children) other.removeAttribute("aria-selected");
  if (!item) return open.area.removeAttribute("aria-activedescendant");
  item.setAttribute("aria-selected", "true");
  open.area.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function close(refused) {
  if (!open) return;
  open.box.hidden = true;
  open.area.removeAttribute("aria-activedescendant");
  open.area.removeAttribute("aria-controls");
  open = refused === undefined ? null : { ...open, refused };
}

async function take(item) {
  const { area, start } = open;
  const end = area.selectionStart;
  close();
  let text = item.dataset.insert && `${item.dataset.insert} `;
  if (item.dataset.address) {
    document.querySelector("#notices .error")?.remove(); // What went wrong before is past.
    const answer = await ask(item.dataset.address).catch(() => null);
    if (!answer?.ok && answer?.status !== 422) return sayThatItFailed();
    text = await answer.text();
    if (!answer.ok) return say(text, "error");
  }
  replace(area, start, end, text);
}

const isOpen = (target) => open && !open.box.hidden && target === open.area;

// Before any other listener: here Esc closes the list, and Enter is no new line.
document.addEventListener(
  "keydown",
  (event) => {
    if (!isOpen(event.target) || event.ctrlKey || event.metaKey || event.isComposing) return;
    const all = choices();
    const at = all.findIndex((item) => item.getAttribute("aria-selected"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(all[(at + step + all.length) % all.length]);
    else if (event.key === "Escape") close(open.start);
    else if ((event.key === "Enter" || event.key === "Tab") && all[at]) take(all[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest?.('.suggest [role="option"]');
  if (!item || !open) return;
  event.preventDefault();
  take(item);
});

document.addEventListener("focusout", ({ target }) => isOpen(target) && close());

// The button types the character, and the rest follows.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-suggest]");
  if (!button) return;
  const area = button.closest("form").elements.body;
  const { selectionStart: at, value } = area;
  const isApart = at === 0 || /\s/.test(value[at - 1]);
  replace(area, at, area.selectionEnd, `${isApart ? "" : " "}${button.dataset.suggest}`);
});
