// Counts clocks down without asking the server, in the words that it wrote into the page (templatetags/clocks.py).
const words = document.getElementById("clock-words")?.dataset;
const OFTEN = 10; // Seconds.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// By how many seconds this machine's clock is ahead of the server's.
const ahead = words ? Date.now() / 1000 - Number(words.now) : 0;

function length(seconds) {
  const [days, hours, minutes] = [seconds / DAY, seconds / HOUR, (seconds % HOUR) / MINUTE].map(Math.floor);
  const say = (word, number) => word.replace("%(n)s", number);
  if (hours >= 48) return say(words.days, days);
  if (hours >= 10) return say(words.hours, hours);
  const told = [hours && say(words.hours, hours), minutes && say(words.minutes, minutes)].filter(Boolean);
  return told.join(" ") || say(words.minutes, 0);
}

function show(clock, now) {
  const left = Date.parse(clock.dateTime) / 1000 - now;
  const near = Date.parse(clock.dataset.near) / 1000;
  const text = (left <= 0 ? words.late : words.left).replace("%(time)s", length(Math.abs(left)));
  if (clock.textContent !== text) clock.textContent = text;
  clock.dataset.state = left <= 0 ? "breached" : now >= near ? "near_breach" : "running";
}

function tick() {
  const now = Date.now() / 1000 - ahead;
  for (const clock of document.querySelectorAll("time.clock")) show(clock, now);
}

if (words) {
  setInterval(tick, OFTEN * 1000);
  document.addEventListener("visibilitychange", tick);
}
