// Signing in gives forms a new token. This page, which stood there while its agent signed in again in another window,
// takes it and goes on; after somebody else did, it stays as it is, and sends nothing in his name.
const signedOut = document.getElementById("signed-out");
let asked = null;

export const renew = () => (asked ??= take().finally(() => (asked = null)));

async function take() {
  const answer = await fetch(signedOut.dataset.token, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return; // Still signed out, or without a network, which is said already.
  const { agent, token } = await answer.json();
  if (agent !== document.body.dataset.agent) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  signedOut.hidden = true;
  document.dispatchEvent(new Event("back-again"));
}

function look() {
  if (!signedOut.hidden && !document.hidden) renew();
}

addEventListener("focus", look);
document.addEventListener("visibilitychange", look);
document.addEventListener("htmx:responseError", ({ detail }) => detail.xhr.getResponseHeader("X-Token") && renew());
