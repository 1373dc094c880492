from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.attach import File
from tickets.actions.locking import locked, save
from tickets.actions.mentioning import mention
from tickets.actions.writing import Body, write
from tickets.models import Attachment, Message, MessageKind, Ticket


@transaction.atomic
def note(
    ticket: Ticket, *, body: Body, actor: Actor, attachments: Sequence[Attachment | File] = ()
) -> Message:
    """Write something for colleagues. The contact never sees it. Whom it calls by name (`@Alice`) is told."""
    ticket = locked(ticket, actor, Permission.NOTES_WRITE)
    message = write(ticket, body, actor=actor, kind=MessageKind.NOTE, attachments=attachments)
    mention(ticket, message)
    save(ticket, [])
    record(actor, "ticket.noted", ticket, message=message.pk)
    return message
