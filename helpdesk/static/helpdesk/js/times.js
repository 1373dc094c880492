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

// To tell its zone takes the browser as long as to lay a page out: each tab is asked once, and when its clock was changed,
// long after the page stands.
const CALM = 3_000;
const offset = String(new Date().getTimezoneOffset());
if (sessionStorage.offset !== offset || !document.cookie.includes("zone=")) {
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(tell), CALM);
}

function tell() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `zone=${timeZone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  try {
    sessionStorage.offset = offset;
  } catch {
    // The browser's store is full: the next page asks again.
  }
}
