"""What every verb begins and ends with."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.actions.refusal import Merged
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import policy
from tickets.models import Ticket


def locked(ticket: Ticket, actor: Actor, permission: Permission) -> Ticket:
    """The ticket as it is now, held until the transaction ends, if the actor may do this to it.

    Raises Ticket.DoesNotExist when it does not exist for the actor (any more), NotAllowed otherwise, and Merged
    when its conversation goes on elsewhere: a merged ticket stays as it is until it is given back.
    """
    now = held(ticket, actor, permission)
    refuse_merged(now)
    return now


def refuse_merged(ticket: Ticket) -> None:
    if ticket.merged_into_id is not None:
        raise Merged(ticket.pk, ticket.merged_into_id)


def held(ticket: Ticket, actor: Actor, permission: Permission) -> Ticket:
    """The same, whether or not the ticket is merged."""
    now = policy.visible(actor).select_for_update(of=("self",)).get(pk=ticket.pk)
    policy.authorize(actor, permission, now)
    return now


def both_held(one: Ticket, other: Ticket, actor: Actor, permission: Permission) -> tuple[Ticket, Ticket]:
    """Two tickets, the older one first: who locks in one order never waits for each other in a circle."""
    rows = {row.pk: held(row, actor, permission) for row in sorted({one, other}, key=attrgetter("pk"))}
    return rows[one.pk], rows[other.pk]


def save(ticket: Ticket, fields: Iterable[str]) -> None:
    """Store the fields as the ticket's next version."""
    ticket.updated_at = timezone.now()
    ticket.version = F("version") + 1
    ticket.save(update_fields=[*fields, "updated_at", "version"])
    ticket.refresh_from_db(fields=["version", "unresolved"])


def name_of(row: Any) -> dict[str, Any] | None:
    """A related row as history remembers it: by id, and by the name it had."""
    return None if row is None else {"id": row.pk, "name": str(row)}
