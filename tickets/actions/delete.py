from __future__ import annotations

from functools import partial

from django.db import transaction

from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.locking import locked
from tickets.models import Attachment, Ticket
from tickets.models.attachment import private_storage


@transaction.atomic
def delete(ticket: Ticket, *, actor: Actor) -> None:
    """Remove a ticket with its messages and files for good. That it existed stays in the history."""
    ticket = locked(ticket, actor, Permission.TICKETS_DELETE)
    record(actor, "ticket.deleted", ticket)
    for name in Attachment.objects.filter(message__ticket=ticket).values_list("file", flat=True):
        transaction.on_commit(partial(private_storage().delete, name))
    ticket.delete()
