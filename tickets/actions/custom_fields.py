from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.actions.values import fill
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from tickets.actions.locking import locked, save
from tickets.models import Ticket


@transaction.atomic
def set_fields(ticket: Ticket, *, values: Mapping[str, Any], actor: Actor) -> Ticket:
    """Fill in custom fields by key; None empties one. Those that are not named stay as they are. Raises Faulty."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    filled = fill(ticket, screened(values, actor=actor, where="ticket", ticket=ticket.pk))
    if not filled.changes:
        return ticket
    ticket.custom_fields = filled.values
    save(ticket, ["custom_fields"])
    record(actor, "ticket.fields_changed", ticket, changes=filled.changes, labels=filled.labels)
    return ticket
