// In a low window the menu scrolls by itself: where one is shall be in sight.
const menu = document.getElementById("menu");
const here = menu?.querySelector("[aria-current]");
if (here) {
  const hidden = here.getBoundingClientRect().bottom - menu.getBoundingClientRect().bottom;
  if (hidden > 0) menu.scrollTop += hidden + menu.clientHeight / 3;
}
