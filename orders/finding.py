"""Orders by the shop's own number, in the workspace's search."""

from __future__ import annotations

from django.urls import reverse

from activity.actor import Actor
from orders import policy
from orders.models import Order
from tickets.finding import MOST, Hit


def orders(actor: Actor, words: str) -> list[Hit]:
    """Those of this number which lead somewhere: to their ticket, or else to their contact's."""
    rows = policy.visible(actor).filter(external_id__in={words, words.upper()}).select_related("contact")
    return [_hit(order) for order in rows.order_by("-id")[:MOST] if order.seen_ticket or order.contact_id]  # type: ignore[attr-defined]


def _hit(order: Order) -> Hit:
    ticket: int | None = order.seen_ticket  # type: ignore[attr-defined]
    if ticket:
        return Hit(str(order), f"#{ticket}", reverse("tickets:ticket", args=[ticket]))
    return Hit(str(order), str(order.contact), reverse("tickets:contact", args=[order.contact_id]))
