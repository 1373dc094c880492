// The toolbar: Markdown around what is selected, so that Ctrl+Z takes it back; and the text as it will look.
import { ask, sayThatItFailed } from "./notices.js";

export function replace(area, start, end, text, from = text.length, to = from) {
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

function wrap(area, mark) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  replace(area, start, end, `${mark}${chosen}${mark}`, mark.length, mark.length + chosen.length);
}

function eachLine(area, mark) {
  const { selectionStart, selectionEnd, value } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const text = value.slice(start, selectionEnd).replace(/^/gm, mark);
  replace(area, start, selectionEnd, text);
}

function link(area) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  const from = chosen.length + 3;
  replace(area, start, end, `[${chosen}](https://)`, chosen ? from : 1, chosen ? from + 8 : 1);
}

function code(area) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  if (chosen.includes("\n")) replace(area, start, end, `\`\`\`\n${chosen}\n\`\`\``);
  else wrap(area, "`");
}

const FORMATS = {
  bold: (area) => wrap(area, "**"),
  italic: (area) => wrap(area, "*"),
  link,
  list: (area) => eachLine(area, "- "),
  quote: (area) => eachLine(area, "> "),
  code,
};
const KEYS = { b: "bold", i: "italic" };

document.addEventListener("click", ({ target }) => {
  const button = target.closest(".toolbar button");
  if (!button) return;
  const form = button.closest("form");
  if (button.dataset.format) FORMATS[button.dataset.format](form.elements.body);
  if (button.dataset.showPreview !== undefined) preview(form, button);
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.(".composer textarea") && (event.ctrlKey || event.metaKey) && !event.shiftKey && KEYS[event.key]) {
    event.preventDefault();
    FORMATS[KEYS[event.key]](event.target);
  }
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const bar = event.target.closest?.(".toolbar");
  if (!step || !bar) return;
  event.preventDefault();
  const buttons = [...bar.querySelectorAll("button")].filter((button) => button.checkVisibility());
  const now = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
  for (const button of bar.querySelectorAll("button")) button.tabIndex = button === now ? 0 : -1;
  now.focus();
});

async function preview(form, button) {
  const area = form.elements.body;
  const shown = form.querySelector(".preview");
  const isOn = button.getAttribute("aria-pressed") === "true";
  if (!isOn) {
    const data = new URLSearchParams({ body: area.value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const answer = await ask(form.dataset.preview, { method: "POST", body: data }).catch(() => null);
    if (!answer?.ok && answer?.status !== 422) return sayThatItFailed();
    const text = await answer.text();
    // Sanitised by the server, as every message is.
    if (answer.ok) shown.innerHTML = text;
    else shown.textContent = text;
  }
  button.setAttribute("aria-pressed", String(!isOn));
  shown.hidden = isOn;
  area.hidden = !isOn;
  if (isOn) area.focus();
}
