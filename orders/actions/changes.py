from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.versions import refuse_stale
from accounts.permissions import Permission
from accounts.policy import NotAllowed
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from orders.actions.rules import (
    cleaned,
    locked,
    out_of_reach,
    refuse_out_of_sight,
    refuse_taken,
    refuse_unfit,
)
from orders.models import Order
from orders.money import written
from tickets.models import Ticket

_TOLD = {"external_id", "marketplace", "currency", "total", "placed_at"}
"""What history keeps the values of. Of the rest it keeps that it changed: not everybody who may see the order may
see its ticket, and lines may be long."""


@transaction.atomic
def update(order: Order, *, actor: Actor, based_on: int | None = None, **fields: Any) -> Order:
    """Change the given fields. Each kind of change is an event of its own. Raises Taken and Refused.

    With `based_on`, the version that the changes were made against, changes by others to other fields are kept.
    Raises Stale when somebody changed the same field to something else.
    """
    order = locked(order, actor, Permission.ORDERS_WRITE)
    told = screened(cleaned(fields), actor=actor, where="order", order=order.pk)
    wanted = _without_hidden_ticket(order, told)
    before = {name: getattr(order, name) for name, value in wanted.items() if getattr(order, name) != value}
    if based_on is not None:
        refuse_stale(order, based_on, {n: (_plain(before[n]), _plain(wanted[n])) for n in before})
    if not before:
        return order
    for name in before:
        setattr(order, name, wanted[name])
    if before.keys() & {"external_id", "marketplace"}:
        refuse_taken(order.external_id, order.marketplace, actor)
    refuse_unfit(order)
    _save(order, list(before))
    refuse_out_of_sight(order, actor)
    _record(order, before, actor)
    return order


def attach(order: Order, *, ticket: Ticket | None, actor: Actor) -> Order:
    """Show the order on a ticket, or on none."""
    return update(order, ticket=ticket, actor=actor)


@transaction.atomic
def add_tracking(order: Order, *, shipment: Mapping[str, Any], actor: Actor) -> Order:
    """Add a parcel. One with the same carrier and number takes the place of what was known about it."""
    order = locked(order, actor, Permission.ORDERS_WRITE)
    others = [known for known in order.tracking if _parcel(known) != _parcel(shipment)]
    if len(others) == len(order.tracking):
        return update(order, tracking=[*others, dict(shipment)], actor=actor)
    same = [dict(shipment) if _parcel(known) == _parcel(shipment) else known for known in order.tracking]
    return update(order, tracking=same, actor=actor)


@transaction.atomic
def delete(order: Order, *, actor: Actor) -> None:
    """Remove an order with its notes for good. That it existed stays in the history."""
    order = locked(order, actor, Permission.ORDERS_DELETE)
    record(actor, "order.deleted", order)
    order.delete()


def _parcel(shipment: Mapping[str, Any]) -> tuple[str, str]:
    return shipment["carrier"], shipment["number"]


def _without_hidden_ticket(order: Order, fields: dict[str, Any]) -> dict[str, Any]:
    """Sending back the ticket that one sees changes nothing. Who cannot see the order's ticket sees none, or the one
    that took it in; where he sees none, another is refused."""
    if order.ticket_id is None or "ticket" not in fields:
        return fields
    seen, given = order.seen_ticket, fields["ticket"]  # type: ignore[attr-defined]
    if seen == (given and given.pk):
        return {name: value for name, value in fields.items() if name != "ticket"}
    if seen is None:
        raise NotAllowed(
            out_of_reach(_("This order's ticket is outside the reach of the acting agent's role."))
        )
    return fields


def _save(order: Order, fields: list[str]) -> None:
    """Store the fields as the order's next version."""
    order.updated_at = timezone.now()
    order.version = F("version") + 1
    order.save(update_fields=[*fields, "updated_at", "version"])
    order.refresh_from_db(fields=["version"])


def _record(order: Order, before: dict[str, Any], actor: Actor) -> None:
    """`order.shipped` and the like, `order.attached`, `order.tracked`, and `order.changed` for everything else."""
    rest = dict(before)
    if "status" in rest:
        status = (rest.pop("status"), order.status)
        record(actor, f"order.{order.status}", order, changes={"status": status}, fields=["status"])
    if relations := sorted(rest.keys() & {"ticket", "contact"}):
        record(actor, "order.attached", order, fields=relations)
    if "tracking" in rest:
        record(actor, "order.tracked", order, parcels=len(order.tracking), fields=["tracking"])
    if others := sorted(rest.keys() - {"ticket", "contact", "tracking"}):
        changes = {n: (_plain(before[n]), _plain(getattr(order, n))) for n in others if n in _TOLD}
        record(actor, "order.changed", order, changes=changes, fields=others)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return written(value)
        case datetime():
            return value.isoformat()
        case Model():
            return value.pk
    return value
