// What an ellipsis cuts off is told in full on hover. A row's link lies over its tags, so it tells them too.
const HOLDERS = ".row-subject, .views a, .list-head h2, .composer-to";
const PARTS = ".row-subject, .row-tags, .name, h2, .composer-to";

document.addEventListener("pointerover", ({ target }) => {
  const holder = target.closest?.(HOLDERS);
  if (!holder) return;
  const within = holder.closest(".row") ?? holder.parentElement;
  const cut = [...within.querySelectorAll(PARTS)].filter((part) => part.scrollWidth > part.clientWidth);
  holder.title = cut.map((part) => part.innerText.trim()).join("\n");
});
