// A part of the page with data-waiting is asked for again until it waits no more: at first soon, then less often.
const PATIENCE = 60;

async function look(part, turn) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (fresh && !fresh.hasAttribute("data-waiting")) {
      part.replaceChildren(...fresh.childNodes);
      part.removeAttribute("data-waiting");
      return;
    }
  }
  if (turn < PATIENCE) setTimeout(look, Math.min(3000, 300 * (turn + 1)), part, turn + 1);
}

for (const part of document.querySelectorAll("[data-waiting]")) setTimeout(look, 300, part, 0);
