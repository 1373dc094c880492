// Unread, or read: of the selected tickets, else of the open one, else of the one that the keyboard stands on.
import { leave } from "./main.js";
import { here } from "./rows.js";
import { selectedNumbers } from "./selection.js";

const rowOf = (number) => document.getElementById(`row-${number}`);
const openTicket = () => document.querySelector("#main [data-ticket]")?.dataset.ticket;

export function toggleRead() {
  const selected = selectedNumbers();
  const open = openTicket();
  if (!selected.length && open) return putBack(open);
  const row = here()?.closest(".row");
  const numbers = selected.length ? selected : row ? [row.id.slice(4)] : [];
  if (numbers.length) mark(numbers, numbers.every((number) => rowOf(number).dataset.new !== undefined));
}

function mark(numbers, isRead, open = openTicket()) {
  const list = document.getElementById("rows");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const values = { ticket: numbers, open: open ?? "", read: isRead ? "1" : "", csrfmiddlewaretoken: token };
  return htmx.ajax("POST", list.dataset.mark, { source: list, swap: "none", values });
}

// A ticket that is put back to be read again is not looked at any longer.
async function putBack(number) {
  if (!document.getElementById("rows")) return document.querySelector("[data-mark-unread]").submit();
  leave({ always: true });
  await mark([number], false, "");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-mark-unread]") || !document.getElementById("rows")) return;
  event.preventDefault();
  putBack(openTicket());
});
