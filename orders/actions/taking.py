"""How orders come in: told once, or again and again by a program that need not know whether we know them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from accounts.policy import NotAllowed, require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen
from orders import policy
from orders.actions.changes import update
from orders.actions.rules import cleaned, out_of_reach, refuse_out_of_sight, refuse_taken, refuse_unfit
from orders.models import Order


@transaction.atomic
def create(*, external_id: str, actor: Actor, marketplace: str = "", **fields: Any) -> Order:
    """Take an order in. `fields` are those of the model. Raises Taken when it is known, and Refused."""
    require(actor, Permission.ORDERS_WRITE)
    order = Order(**cleaned({"external_id": external_id, "marketplace": marketplace, **fields}))
    screen(order, actor=actor)
    refuse_unfit(order)
    refuse_taken(order.external_id, order.marketplace, actor)
    if not _insert(order):
        refuse_taken(order.external_id, order.marketplace, actor)
    refuse_out_of_sight(order, actor)
    record(actor, "order.created", order)
    return order


@transaction.atomic
def upsert(*, external_id: str, actor: Actor, marketplace: str = "", **fields: Any) -> tuple[Order, bool]:
    """Change the order with this number, or take it in. Returns it, and whether it is new.

    Of several at once, one takes it in and the others change it.
    """
    require(actor, Permission.ORDERS_WRITE)
    wanted = cleaned({"external_id": external_id, "marketplace": marketplace, **fields})
    order = Order(**wanted)
    screen(order, actor=actor)
    known = Order.objects.called(order.external_id, order.marketplace)
    if not known.exists():
        refuse_unfit(order)
        if _insert(order):
            refuse_out_of_sight(order, actor)
            record(actor, "order.created", order)
            return order, True
    seen = policy.visible(actor).called(order.external_id, order.marketplace).first()
    if seen is None:
        raise NotAllowed(out_of_reach(_("This order is outside the reach of the acting agent's role.")))
    return update(seen, actor=actor, **fields), False


def _insert(order: Order) -> bool:
    """Store a new order. False when somebody else was quicker with the same number."""
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        if not Order.objects.called(order.external_id, order.marketplace).exists():
            raise
        return False
    return True
