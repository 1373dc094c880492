"""Which orders exist for whom. The only way to an order, at every door.

An order is seen by whoever sees its ticket, or one that took it in, or its contact; with a reach of all tickets,
every order is. What the *agent* sees decides that, not what its key allows besides: a key for orders alone works alone.
"""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from accounts.models import Reach
from accounts.permissions import Permission
from accounts.policy import as_person, decide, rights
from activity.actor import Actor
from orders.models import Order, OrderNote, OrderQuerySet
from tickets import policy as tickets
from tickets.models import Containment, Ticket

_OPENS_ORDERS = frozenset(p for p in Permission if p.resource in {"orders", "order_notes"})


def visible(actor: Actor) -> OrderQuerySet:
    """The orders that exist for the actor. Each has `seen_ticket`: the id of its ticket if that exists, too,
    or of one that took it in."""
    if not actor.is_system and not rights(actor) & _OPENS_ORDERS:
        return Order.objects.none()
    person = as_person(actor)
    rows: OrderQuerySet = Order.objects.filter(_within_reach(person)).annotate(seen_ticket=_ticket(person))
    return rows


def visible_notes(actor: Actor) -> QuerySet[OrderNote]:
    """The notes on visible orders, for those who may read notes on orders."""
    if not decide(actor, Permission.ORDER_NOTES_READ):
        return OrderNote.objects.none()
    return OrderNote.objects.filter(Exists(visible(actor).filter(pk=OuterRef("order"))))


def _sees_all(person: Actor) -> bool:
    return person.is_system or (person.agent is not None and person.agent.role.reach == Reach.ALL)


def _within_reach(person: Actor) -> Q:
    if _sees_all(person):
        return Q()
    within = Q(Exists(_its_ticket(person))) | Q(Exists(_took_in(person)))
    if decide(person, Permission.CONTACTS_READ):
        within |= Q(contact__isnull=False)
    return within


def _ticket(person: Actor) -> Combinable:
    """An order can be known by its contact while its ticket is another team's: then it shows none."""
    if not tickets.may_see_any(person):
        return Value(None, output_field=BigIntegerField())
    if _sees_all(person):
        return F("ticket_id")
    outermost = F("outer__merged_into").asc(nulls_first=True)
    taken_in = Subquery(_took_in(person).order_by(outermost).values("outer")[:1])
    own = When(Exists(_its_ticket(person)), then=F("ticket_id"))
    return Case(own, default=taken_in, output_field=BigIntegerField())


def _its_ticket(person: Actor) -> QuerySet[Ticket]:
    return tickets.visible(person).filter(pk=OuterRef("ticket")).order_by()


def _took_in(person: Actor) -> QuerySet[Containment]:
    """Into what its ticket was merged: orders belong to the conversation as messages do."""
    return Containment.objects.filter(inner=OuterRef("ticket"), outer__in=tickets.visible(person).order_by())
