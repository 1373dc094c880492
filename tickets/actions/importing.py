"""Moving tickets here from elsewhere, with the times they had, and nobody told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.language import language_tag
from accounts.actions.refusal import Refused
from accounts.actions.values import fill
from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen
from tickets.actions.attach import File
from tickets.actions.open import refuse_unassignable, subject_line
from tickets.actions.properties import place, refuse_taken
from tickets.actions.writing import Body, write
from tickets.models import Attachment, Category, Channel, MessageKind, Priority, Status, Tag, Ticket
from tickets.models.status import UNRESOLVED
from tickets.text import clean_line

MOST_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class OldMessage:
    """A message as it was written elsewhere: by whom, when, and what."""

    author: Agent | Contact
    at: datetime
    body: Body
    kind: MessageKind = MessageKind.REPLY
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    attachments: Sequence[Attachment | File] = ()


def quietly(actor: Actor) -> Actor:
    """The same actor, of whose doings nobody is told."""
    return replace(actor, quiet=True)


@transaction.atomic
def import_ticket(
    *,
    external_id: str,
    subject: str,
    contact: Contact,
    created_at: datetime,
    messages: Sequence[OldMessage],
    actor: Actor,
    updated_at: datetime | None = None,
    solved_at: datetime | None = None,
    first_replied_at: datetime | None = None,
    channel: Channel | None = None,
    team: Team | None = None,
    assignee: Agent | None = None,
    status: Status | None = None,
    priority: Priority = Priority.NORMAL,
    language: str | None = None,
    tags: Iterable[Tag] = (),
    custom_fields: Mapping[str, Any] | None = None,
) -> Ticket:
    """Keep a ticket as it was elsewhere, with all its messages. Raises Taken when its external_id is known.

    Times that are left out follow from the messages: it changed last with the last of them, and was replied to
    first by the first reply of an agent. Raises Refused, naming `messages.3.created_at`, for times that cannot be.
    """
    require(actor, Permission.TICKETS_IMPORT)
    external_id = clean_line(external_id)
    refuse_taken(external_id, actor)
    refuse_unassignable(assignee)
    status = status or Status.objects.of(Category.OPEN)
    _refuse_contradictions(messages, status, solved_at=solved_at, first_replied_at=first_replied_at)
    times = {f"messages.{index}.created_at": message.at for index, message in enumerate(messages)}
    given = {**times, "solved_at": solved_at, "first_replied_at": first_replied_at}
    span = created_at, updated_at or max(at for at in (created_at, *given.values()) if at)
    _refuse_impossible(span, given)
    ticket = Ticket(
        subject=subject_line(subject),
        contact=contact,
        organization=contact.organization,
        channel=channel,
        team=team,
        assignee=assignee,
        priority=priority,
        external_id=external_id,
        language=contact.language if language is None else language_tag(language),
        created_at=created_at,
        updated_at=span[1],
        solved_at=solved_at or span[1],
        first_replied_at=first_replied_at or _first_reply(messages),
    )
    ticket.custom_fields = fill(ticket, custom_fields).values
    place(ticket, status)
    screen(ticket, actor=actor)
    ticket.save(force_insert=True)
    ticket.tags.set(tags)
    record(quietly(actor), "ticket.imported", ticket, messages=len(messages))
    for message in sorted(messages, key=lambda message: message.at):
        _keep(ticket, message, actor)
    return ticket


Span = tuple[datetime, datetime]


def _refuse_impossible(span: Span, times: Mapping[str, datetime | None]) -> None:
    """`times` are those of all that happened to the ticket, by the path at which they were given."""
    created_at, updated_at = span
    for field, at in {"created_at": created_at, **times, "updated_at": updated_at}.items():
        if at is not None and at > timezone.now():
            raise Refused(field, "in_the_future", _("This time is still to come."))
    if updated_at < created_at:
        raise Refused("updated_at", "too_early", _("A ticket cannot change before it is created."))
    for field, at in times.items():
        if at is not None and not created_at <= at <= updated_at:
            sentence = _("This is outside the ticket's own time, from its created_at to its updated_at.")
            raise Refused(field, "out_of_span", sentence)


def _refuse_contradictions(
    messages: Sequence[OldMessage],
    status: Status,
    *,
    solved_at: datetime | None,
    first_replied_at: datetime | None,
) -> None:
    if not 1 <= len(messages) <= MOST_MESSAGES:
        raise Refused("messages", "wrong_number", _("Send 1 to %(most)s messages.") % {"most": MOST_MESSAGES})
    for index, message in enumerate(messages):
        if message.kind == MessageKind.NOTE and isinstance(message.author, Contact):
            raise Refused(f"messages.{index}.agent", "required", _("A note is an agent's: say whose."))
    if solved_at and status.category in UNRESOLVED:
        raise Refused(
            "solved_at", "not_solved", _("Only a solved or closed ticket has this time. Send its status.")
        )
    first = _first_reply(messages)
    if first_replied_at and first and first < first_replied_at:
        raise Refused("first_replied_at", "too_late", _("An agent's reply among the messages is earlier."))


def _first_reply(messages: Sequence[OldMessage]) -> datetime | None:
    replies = (m.at for m in messages if m.kind == MessageKind.REPLY and isinstance(m.author, Agent))
    return min(replies, default=None)


def _keep(ticket: Ticket, message: OldMessage, actor: Actor) -> None:
    wrote = message.author
    write(
        ticket,
        message.body,
        actor=actor,
        kind=message.kind,
        as_contact=wrote if isinstance(wrote, Contact) else None,
        as_agent=wrote if isinstance(wrote, Agent) else None,
        at=message.at,
        to=message.to,
        cc=message.cc,
        attachments=message.attachments,
    )
