// What happened that concerns the agent: the number while somebody looks, the list when it is opened.
const bell = document.querySelector(".bell");

const count = () => document.getElementById("bell-count");

function ask() {
  if (document.hidden || !navigator.onLine) return;
  const address = `${bell.dataset.unread}?known=${count().dataset.unread}`;
  htmx.ajax("GET", address, { target: "#bell-count", swap: "outerHTML", source: bell });
}

bell.addEventListener("toggle", () => {
  if (bell.open) htmx.ajax("GET", bell.dataset.bell, { target: "#bell-sheet", swap: "innerHTML", source: "#bell-sheet" });
});

setInterval(ask, 30_000);
document.addEventListener("visibilitychange", ask);
