from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.locking import locked, save
from tickets.models import Tag, Ticket


@transaction.atomic
def set_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    """Make these exactly the ticket's tags."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    before, after = set(ticket.tags.all()), set(tags)
    if before == after:
        return ticket
    ticket.tags.set(after)
    save(ticket, [])
    record(actor, "ticket.tagged", ticket, changes={"tags": (_names(before), _names(after))})
    return ticket


@transaction.atomic
def add_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    return set_tags(ticket, tags={*ticket.tags.all(), *tags}, actor=actor)


@transaction.atomic
def remove_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    return set_tags(ticket, tags=set(ticket.tags.all()) - set(tags), actor=actor)


def _names(tags: Iterable[Tag]) -> list[str]:
    return sorted(tag.name for tag in tags)
