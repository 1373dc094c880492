from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.attach import File
from tickets.actions.locking import locked, save
from tickets.actions.properties import set_status
from tickets.actions.writing import Body, write, written_to
from tickets.models import Attachment, Message, MessageKind, Status, Ticket


@transaction.atomic
def reply(
    ticket: Ticket,
    *,
    body: Body,
    actor: Actor,
    attachments: Sequence[Attachment | File] = (),
    status: Status | None = None,
    to: Sequence[str] | None = None,
    cc: Sequence[str] = (),
) -> Message:
    """Answer the contact, at the first of his addresses unless `to` names others.

    With a status, set it as well: “send and solve” is one step. What the helpdesk says by itself is no first
    reply: the contact still waits for somebody.
    """
    ticket = locked(ticket, actor, Permission.MESSAGES_WRITE)
    message = write(
        ticket,
        body,
        actor=actor,
        kind=MessageKind.REPLY,
        to=written_to(ticket.contact) if to is None else to,
        cc=cc,
        attachments=attachments,
    )
    if not actor.is_system:
        ticket.first_replied_at = ticket.first_replied_at or timezone.now()
    save(ticket, ["first_replied_at"])
    record(actor, "ticket.replied", ticket, message=message.pk)
    if status is not None:
        set_status(ticket, status=status, actor=actor)
    return message
