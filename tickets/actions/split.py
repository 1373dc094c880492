from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from tickets import search
from tickets.actions.locking import locked, save
from tickets.actions.properties import place
from tickets.models import Category, Direction, Message, MessageKind, Status, Ticket
from tickets.text import clean_line


@transaction.atomic
def split(
    ticket: Ticket, *, message: Message, actor: Actor, following: bool = False, subject: str = ""
) -> Ticket:
    """Make a message, perhaps with all that follow it, a ticket of its own, of the same contact and queue.

    The two tickets are linked. Without a subject the new one has that of the old.
    """
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    moving = _moving(ticket, message, following=following)
    subject = screened(clean_line(subject), actor=actor, where="ticket", ticket=ticket.pk)
    made = _new(ticket, subject or ticket.subject, moving)
    count = Message.objects.filter(pk__in=moving).update(ticket=made)
    made.related.add(ticket)
    save(ticket, [])
    search.rebuild(ticket)
    search.rebuild(made)
    record(actor, "ticket.split", ticket, into=made.pk, messages=count)
    record(actor, "ticket.opened", made, by_agent=True, split_from=ticket.pk)
    return made


def _moving(ticket: Ticket, message: Message, *, following: bool) -> list[int]:
    """The messages that move, by id. One at least must stay."""
    if not ticket.messages.filter(pk=message.pk).exists():
        raise Refused(
            "message",
            "not_in_ticket",
            _("Message %(message)s was not written in ticket %(ticket)s.")
            % {"message": message.pk, "ticket": ticket.pk},
        )
    rows = ticket.messages.filter(_from(message) if following else Q(pk=message.pk))
    moving = list(rows.values_list("pk", flat=True))
    if not ticket.messages.exclude(pk__in=moving).exists():
        raise Refused(
            "message", "nothing_left", _("One message has to stay in the ticket. Split off a later one.")
        )
    return moving


def _from(message: Message) -> Q:
    """The message and everything behind it in the conversation."""
    return Q(created_at__gt=message.created_at) | Q(created_at=message.created_at, pk__gte=message.pk)


def _new(ticket: Ticket, subject: str, moving: list[int]) -> Ticket:
    replied = _answers(moving).order_by("created_at").values_list("created_at", flat=True).first()
    made = Ticket(
        subject=subject,
        contact=ticket.contact,
        organization=ticket.organization,
        channel=ticket.channel,
        team=ticket.team,
        assignee=ticket.assignee,
        priority=ticket.priority,
        first_replied_at=replied,
    )
    place(made, Status.objects.of(Category.OPEN))
    made.save(force_insert=True)
    return made


def _answers(moving: list[int]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=moving, kind=MessageKind.REPLY, direction=Direction.OUT)
