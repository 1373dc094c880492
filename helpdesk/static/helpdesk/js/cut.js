// What an ellipsis cuts off is told in full on hover. A row’s link lies over the rest of it, so it tells that too.
const HOLDERS = ".row-subject, .views a, .list-head h2, .ticket-title h1, .composer-to";
const PARTS =
  ".row-subject, .row-contact, .row .status, .row .priority, .row-tags, .row-assignee, .name, h1, h2, .composer-to";

document.addEventListener("pointerover", ({ target }) => {
  const holder = target.closest?.(HOLDERS);
  if (!holder) return;
  const within = holder.closest(".row") ?? holder.parentElement;
  const cut = [...within.querySelectorAll(PARTS)].filter(isCut);
  holder.title = cut.map((part) => part.innerText.trim()).filter(Boolean).join("\n");
});

// Wider than it may be, or by a line higher; or on a line that nobody sees.
const isCut = (part) =>
  part.scrollWidth > part.clientWidth ||
  part.scrollHeight > part.clientHeight + 10 ||
  part.getBoundingClientRect().top >= part.parentElement.getBoundingClientRect().bottom;
