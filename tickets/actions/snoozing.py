"""Putting tickets aside until a time. They come back by themselves, or when their contact writes."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models, transaction
from django.utils import timezone

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.sentences import gettext as _
from activity.actor import Actor, system_actor
from activity.recording import record
from tickets.actions.locking import locked, save
from tickets.models import Ticket

_AT_ONCE = 500
"""How many tickets are woken one after the other before the database is asked for more."""


@transaction.atomic
def snooze(ticket: Ticket, *, until: datetime, actor: Actor) -> Ticket:
    """Take the ticket out of the working views until a time to come."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    if ticket.snoozed_until == until:
        return ticket
    if until <= timezone.now():
        raise Refused("until", "past", _("This time has passed. Choose one that is still to come."))
    if not ticket.unresolved:
        raise Refused(
            "", "resolved", _("A solved or closed ticket waits for nothing. Reopen it before you snooze it.")
        )
    before, ticket.snoozed_until = ticket.snoozed_until, until
    save(ticket, ["snoozed_until"])
    record(actor, "ticket.snoozed", ticket, changes={"snoozed_until": (_said(before), _said(until))})
    return ticket


@transaction.atomic
def unsnooze(ticket: Ticket, *, actor: Actor) -> Ticket:
    """Bring the ticket back before its time."""
    return wake(locked(ticket, actor, Permission.TICKETS_WRITE), actor=actor)


def wake(ticket: Ticket, *, actor: Actor) -> Ticket:
    """Bring back a ticket that the caller's transaction holds: because it is time, or because its contact wrote."""
    if ticket.snoozed_until is None:
        return ticket
    before, ticket.snoozed_until = ticket.snoozed_until, None
    save(ticket, ["snoozed_until"])
    record(actor, "ticket.woken", ticket, changes={"snoozed_until": (_said(before), None)})
    return ticket


def wake_all_due() -> int:
    """Bring back every ticket whose time has come, each once, however many workers do this at the same time."""
    woken = 0
    while due := list(_due().order_by("snoozed_until").values_list("pk", flat=True)[:_AT_ONCE]):
        woken_now = sum(map(_wake_if_due, due))
        woken += woken_now
        if not woken_now:
            break  # Somebody else holds all of them, and wakes them.
    return woken


@transaction.atomic
def _wake_if_due(pk: int) -> bool:
    ticket = _due().select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    if ticket is None:
        return False
    wake(ticket, actor=system_actor())
    return True


def _due() -> models.QuerySet[Ticket]:
    return Ticket.objects.filter(snoozed_until__lte=timezone.now())


def _said(moment: datetime | None) -> str | None:
    """A time as history writes it."""
    return None if moment is None else moment.astimezone(UTC).isoformat()
