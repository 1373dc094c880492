from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.locking import both_held, refuse_merged, save
from tickets.models import Ticket


@transaction.atomic
def link(ticket: Ticket, *, to: Ticket, actor: Actor) -> Ticket:
    """Let two tickets point to each other, because they are about the same matter."""
    ticket, other = _both(ticket, to, actor)
    if ticket.pk == other.pk:
        raise Refused("ticket", "itself", _("A ticket cannot be linked to itself. Choose another one."))
    if ticket.related.contains(other):
        return ticket
    ticket.related.add(other)
    return _told("ticket.linked", ticket, other, actor)


@transaction.atomic
def unlink(ticket: Ticket, *, to: Ticket, actor: Actor) -> Ticket:
    """Let two tickets no longer point to each other."""
    ticket, other = _both(ticket, to, actor)
    if not ticket.related.contains(other):
        return ticket
    ticket.related.remove(other)
    return _told("ticket.unlinked", ticket, other, actor)


def _both(ticket: Ticket, other: Ticket, actor: Actor) -> tuple[Ticket, Ticket]:
    """A link is seen from both sides, so both are changed."""
    both = both_held(ticket, other, actor, Permission.TICKETS_WRITE)
    for row in both:
        refuse_merged(row)
    return both


def _told(kind: str, ticket: Ticket, other: Ticket, actor: Actor) -> Ticket:
    for one, another in ((ticket, other), (other, ticket)):
        save(one, [])
        record(actor, kind, one, other=another.pk)
    return ticket
