// Unfold's dark styles hang on a class, so the system's choice has to become one before anything is painted.
const root = document.documentElement;
if (root.dataset.theme === "auto") {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}
