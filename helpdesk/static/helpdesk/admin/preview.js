// Shows beside a form with data-preview="URL" what its answers would come to. The server writes nothing for it.
const form = document.querySelector("form[data-preview]");
const place = document.getElementById("preview");
const PAUSE = 400; // Milliseconds without typing.
let timer = 0;
let running = null;

async function show() {
  running?.abort();
  running = new AbortController();
  const answers = new FormData(form);
  answers.delete("password");
  try {
    const response = await fetch(form.dataset.preview, {
      method: "POST",
      body: answers,
      redirect: "error",
      signal: running.signal,
    });
    if (!response.ok) throw new Error(String(response.status));
    place.innerHTML = await response.text();
  } catch (error) {
    if (error.name !== "AbortError") place.textContent = place.dataset.away;
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});
show();
