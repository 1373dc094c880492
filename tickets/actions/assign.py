from __future__ import annotations

from django.db import transaction

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.permissions import Permission
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.recording import record
from tickets.actions.locking import locked, name_of, save
from tickets.models import Ticket


@transaction.atomic
def assign(ticket: Ticket, *, to: Agent | None, actor: Actor) -> Ticket:
    """Give the ticket to an agent, or to nobody."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    if ticket.assignee == to:
        return ticket
    if to is not None and not (to.is_active and to.is_person):
        raise Refused(
            "assignee",
            "not_assignable",
            _("%(agent)s cannot be assigned tickets. Choose an active person.") % {"agent": to.name},
        )
    before, ticket.assignee = ticket.assignee, to
    save(ticket, ["assignee"])
    record(actor, "ticket.assigned", ticket, changes={"assignee": (name_of(before), name_of(to))})
    return ticket
