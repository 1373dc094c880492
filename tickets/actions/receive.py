from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from tickets.actions.attach import File
from tickets.actions.locking import locked, save
from tickets.actions.properties import set_status
from tickets.actions.snoozing import wake
from tickets.actions.writing import Body, write
from tickets.models import Attachment, Category, Message, MessageKind, Status, Ticket


@transaction.atomic
def receive(
    ticket: Ticket,
    *,
    body: Body,
    actor: Actor,
    attachments: Sequence[Attachment | File] = (),
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
) -> Message:
    """Write down what the contact said: the actor brings it, the contact is its author.

    A ticket that waited for its contact, or was thought to be done, is open again, and one that was snoozed is awake.
    """
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    message = write(
        ticket,
        body,
        actor=actor,
        kind=MessageKind.REPLY,
        as_contact=ticket.contact,
        to=to,
        cc=cc,
        attachments=attachments,
    )
    save(ticket, [])
    record(actor, "ticket.message_received", ticket, message=message.pk)
    wake(ticket, actor=actor)
    if ticket.category != Category.OPEN:
        set_status(ticket, status=Status.objects.of(Category.OPEN), actor=actor)
    return message
