// Buttons with data-copy="ID" copy the text of that field and say, also aloud, whether it worked.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const result = button.closest(".copy").querySelector(".copy-result");
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    result.textContent = "";
    result.textContent = (await copied(field)) ? button.dataset.copied : button.dataset.failed;
  });
}

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Without HTTPS or permission there is no clipboard to write to; the selection can still be copied.
    field.select();
    return document.execCommand("copy");
  }
}
