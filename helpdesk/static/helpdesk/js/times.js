// The server writes times in the agent's own time zone once it knows it; on hover they are told in full.
let format = null;

document.addEventListener("pointerover", ({ target }) => {
  const time = target.closest?.("time[datetime]");
  if (!time || time.dataset.local !== undefined) return;
  time.dataset.local = "";
  const about = time.dataset.about ? `${time.dataset.about}: ` : "";
  format ??= new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
  time.title = about + format.format(new Date(time.dateTime));
});

(window.requestIdleCallback ?? setTimeout)(() => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `zone=${timeZone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
});
