"""What every verb on orders begins with, and what must be true of an order when it ends."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused, Taken
from accounts.permissions import Permission
from accounts.policy import Decision, require
from activity.actor import Actor
from orders import policy
from orders.models import Order
from tickets.text import clean_line

MOST_LINES = 500
MOST_SHIPMENTS = 100


def locked(order: Order, actor: Actor, permission: Permission) -> Order:
    """The order as it is now, held until the transaction ends, if the actor may do this to it.

    Raises Order.DoesNotExist when it does not exist for the actor (any more) and NotAllowed otherwise.
    """
    now = policy.visible(actor).select_for_update(of=("self",)).get(pk=order.pk)
    require(actor, permission)
    return now


def cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    """The given fields as they are stored. Raises Refused for what an order cannot have."""
    known = dict(fields)
    if "external_id" in known:
        known["external_id"] = clean_line(known["external_id"])
        if not known["external_id"]:
            raise Refused("external_id", "required", _("An order needs a number."))
    if "marketplace" in known:
        known["marketplace"] = clean_line(known["marketplace"]).lower()
    for name, most in (("lines", MOST_LINES), ("tracking", MOST_SHIPMENTS)):
        if len(known.get(name, ())) > most:
            raise Refused(
                name, "too_many", _("An order may have at most %(most)s entries here.") % {"most": most}
            )
    return known


def refuse_unfit(order: Order) -> None:
    if order.total is not None and not order.currency:
        raise Refused("currency", "required", _("Say which currency the total is in, such as EUR."))


def refuse_out_of_sight(order: Order, actor: Actor) -> None:
    """Nobody makes what he could not see afterwards."""
    if not policy.visible(actor).filter(pk=order.pk).exists():
        raise Refused(
            "contact",
            "out_of_reach",
            _(
                "The acting agent would not see this order. Attach it to a ticket or a contact that it may see."
            ),
        )


def refuse_taken(external_id: str, marketplace: str, actor: Actor) -> None:
    """Stop if another order has this number. Raises Taken, which names it if the actor may see it."""
    other = Order.objects.called(external_id, marketplace).first()
    if other is None:
        return
    if not policy.visible(actor).filter(pk=other.pk).exists():
        message = _(
            "An order outside the acting agent's reach has the external_id “%(external_id)s” already."
        ) % {"external_id": external_id}
        raise Taken("external_id", message, None)
    told = {"order": other.pk, "external_id": external_id, "marketplace": marketplace}
    sentence = (
        _("Order %(order)s has the external_id “%(external_id)s” in the marketplace %(marketplace)s already.")
        if marketplace
        else _("Order %(order)s has the external_id “%(external_id)s” already.")
    )
    raise Taken("external_id", sentence % told, other.pk)


def out_of_reach(sentence: str) -> Decision:
    return Decision(False, "reach", sentence, Permission.ORDERS_WRITE)
