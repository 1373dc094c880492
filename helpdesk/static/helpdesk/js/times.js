// Exact times in the agent's own time zone, on hover.
const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });

document.addEventListener("pointerover", ({ target }) => {
  const time = target.closest?.("time[datetime]");
  if (!time || time.dataset.local !== undefined) return;
  time.dataset.local = "";
  time.title = format.format(new Date(time.dateTime));
});
