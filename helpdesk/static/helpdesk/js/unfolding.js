// The browser looks for words on the page: before it does, what is folded there is brought.
document.addEventListener("keydown", ({ key, ctrlKey, metaKey, shiftKey, altKey }) => {
  const isSearch = key === "F3" || (key.toLowerCase() === "f" && (ctrlKey || metaKey) && !shiftKey && !altKey);
  const link = isSearch && document.querySelector("#timeline :is(.earlier, .folded) a");
  if (link) htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#timeline", swap: "none" });
});
