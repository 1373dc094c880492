from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.refusal import InUse
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets import search
from tickets.actions.locking import held
from tickets.actions.merging import outermost
from tickets.actions.sending import leave_to_their_writers
from tickets.models import Attachment, Draft, Ticket
from tickets.models.attachment import private_storage


@transaction.atomic
def delete(ticket: Ticket, *, actor: Actor) -> None:
    """Remove a ticket with its messages and files for good. That it existed stays in the history.

    What somebody is writing in it stays his.
    """
    _hold_what_goes_out(ticket)
    ticket = held(ticket, actor, Permission.TICKETS_DELETE)
    if ticket.merged_tickets.exists():
        raise InUse(_("Other tickets were merged into this one. Unmerge or delete them first."))
    whole = outermost(ticket)
    record(actor, "ticket.deleted", ticket)
    for name in Attachment.objects.filter(message__ticket=ticket).values_list("file", flat=True):
        transaction.on_commit(partial(private_storage().delete, name))
    leave_to_their_writers(ticket)
    ticket.delete()
    if whole != ticket:
        search.rebuild(whole)


def _hold_what_goes_out(ticket: Ticket) -> None:
    """A reply that goes out holds itself and then its ticket: in this order, neither waits for the other."""
    list(Draft.objects.held().select_for_update(of=("self",)).filter(ticket=ticket).values_list("pk"))
