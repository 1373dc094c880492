// Menus close when one looks elsewhere; buttons that open a dialog.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    // Something chosen from a menu closes it, too.
    if (!menu.contains(target) || target.closest(".menu-sheet [hx-get]")) menu.open = false;
  }
  const opener = target.closest("[data-open]");
  if (opener) show(opener.dataset.open);
});

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

export function show(id) {
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.dispatchEvent(new Event("opening"));
  dialog.showModal();
}
