// What went wrong, said where it can be read, and what was written stays where it is.
const notices = document.getElementById("notices");

// `undo` is the way back: a label, an address and what is sent there.
export function say(text, kind = "", undo = null) {
  const notice = document.createElement("p");
  notice.className = `notice ${kind}`;
  const close = document.createElement("button");
  close.className = "button plain";
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", notices.dataset.close);
  close.addEventListener("click", () => notice.remove());
  notice.append(text, ...(undo ? [wayBack(undo)] : []), close);
  notices.replaceChildren(notice);
  if (kind !== "error") setTimeout(() => notice.remove(), undo ? 20000 : 8000);
}

function wayBack({ label, url, token }) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.setAttribute("hx-post", url);
  form.setAttribute("hx-sync", "this:drop");
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken, token })) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = label;
  form.append(button);
  htmx.process(form);
  return form;
}

// Nobody asked for the counts or the bell's number just then, so nobody needs to hear that they did not come.
const isAsked = (detail) => !detail.elt?.matches?.("nav.views, .bell, #presence, #live");

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!isAsked(detail)) return;
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  say(page.querySelector("[data-sentence]")?.textContent || notices.dataset.failed, "error");
});
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => isAsked(detail) && say(notices.dataset.offline, "error"));
}
for (const notice of notices.querySelectorAll(".notice")) setTimeout(() => notice.remove(), 8000);

// Without a network nothing can be sent: that stands there until it is over, and then goes by itself.
function tellOfTheNetwork() {
  document.getElementById("offline").hidden = navigator.onLine;
}

for (const event of ["online", "offline"]) addEventListener(event, tellOfTheNetwork);
tellOfTheNetwork();
