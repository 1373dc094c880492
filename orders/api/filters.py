"""The filters of `/orders`: a closed table."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from accounts.api.filters import Filter, choice, equals, number, owner, wrong
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import as_person, decide
from activity.actor import Actor
from orders.models import OrderStatus
from tickets import policy as tickets


def _contact(name: str, text: str, actor: Actor) -> Q:
    if text == "none":
        return Q(contact=None)
    if "@" not in text:
        return Q(contact=number(name, text, "a contact's id or e-mail address, or none"))
    if not decide(actor, Permission.CONTACTS_READ):
        raise wrong(name, "Filtering by address needs the scope contacts:read. Filter by id.")
    return Q(contact__emails__address=normalize_email(text))


def _ticket(name: str, text: str, actor: Actor) -> Q:
    if text == "none":
        return Q(seen_ticket=None)
    pk = number(name, text, "a ticket's id or none")
    ticket = tickets.visible(as_person(actor)).filter(pk=pk).first()
    # With what was merged into it. That is in an index; whoever sees the ticket sees all of it.
    return Q(ticket__in=tickets.conversation(ticket) if ticket else [])


ORDERS: Mapping[str, Filter] = {
    "external_id": equals("external_id"),
    "marketplace": equals("marketplace", lambda text: text.strip().lower()),
    "status": choice("status", OrderStatus.values),
    "contact": _contact,
    "ticket": _ticket,
}
NOTES: Mapping[str, Filter] = {"order": owner("order")}
