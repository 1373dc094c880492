// A field with a list of what it finds: the cursor stays in the field, the arrows move through the list.
const listOf = (field) => document.getElementById(field.dataset.combobox);
const optionsOf = (list) => [...list.querySelectorAll('[role="option"]')];

let made = 0;

for (const field of document.querySelectorAll("[data-combobox]")) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", field.dataset.combobox);
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("keydown", (event) => steer(event, field));
  field.addEventListener("blur", () => setTimeout(() => closeUnlessUsed(field), 150));
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === listOf(field) && arrived(field));
}

function steer(event, field) {
  const list = listOf(field);
  const options = optionsOf(list);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" && field.getAttribute("aria-expanded") === "true" && !field.closest("dialog")) {
    event.stopPropagation();
    expand(field, false);
  } else if (step && options.length) {
    event.preventDefault();
    const at = options.findIndex((option) => option.ariaSelected === "true");
    choose(field, options[at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length]);
  } else if (event.key === "Enter") {
    const chosen = field.getAttribute("aria-expanded") === "true" && options.find((option) => option.ariaSelected === "true");
    if (!chosen && !field.closest("dialog")) return; // The search goes to its own page.
    event.preventDefault();
    chosen?.click();
  }
}

// What was found for the palette has its first line chosen; the search in the bar leaves Enter to the whole search.
function arrived(field) {
  const options = optionsOf(listOf(field));
  expand(field, Boolean(listOf(field).textContent.trim()) && (document.activeElement === field));
  choose(field, field.closest("dialog") ? options[0] : undefined);
}

function choose(field, option) {
  for (const one of optionsOf(listOf(field))) one.ariaSelected = String(one === option);
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.id ||= `option-${(made += 1)}`;
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function expand(field, open) {
  field.setAttribute("aria-expanded", String(open));
  if (!field.closest("dialog")) listOf(field).hidden = !open;
}

function closeUnlessUsed(field) {
  if (!listOf(field).contains(document.activeElement) && document.activeElement !== field) expand(field, false);
}
