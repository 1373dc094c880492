"""The filters of `/orders`: a closed table."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from accounts.api.filters import Filter, choice, equals, number, owner, row, wrong
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from orders.models import OrderStatus


def _contact(name: str, text: str, actor: Actor) -> Q:
    if text == "none":
        return Q(contact=None)
    if "@" not in text:
        return Q(contact=number(name, text, "a contact's id or e-mail address, or none"))
    if not decide(actor, Permission.CONTACTS_READ):
        raise wrong(name, "Filtering by address needs the scope contacts:read. Filter by id.")
    return Q(contact__emails__address=normalize_email(text))


ORDERS: Mapping[str, Filter] = {
    "external_id": equals("external_id"),
    "marketplace": equals("marketplace", lambda text: text.strip().lower()),
    "status": choice("status", OrderStatus.values),
    "contact": _contact,
    "ticket": row("seen_ticket"),
}
NOTES: Mapping[str, Filter] = {"order": owner("order")}
