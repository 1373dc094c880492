from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.language import language_tag
from accounts.actions.refusal import Refused
from accounts.actions.values import fill
from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from accounts.policy import refuse_denied, require
from activity.actor import Actor, Door
from activity.recording import record
from activity.screening import screen
from tickets.actions.attach import File
from tickets.actions.properties import place, refuse_taken
from tickets.actions.writing import Body, write, written_to
from tickets.models import (
    Attachment,
    Category,
    Channel,
    ChannelKind,
    MessageKind,
    Priority,
    Status,
    Tag,
    Ticket,
)
from tickets.text import clean_line


@transaction.atomic
def open_ticket(
    *,
    subject: str,
    body: Body,
    contact: Contact,
    actor: Actor,
    by_agent: bool = False,
    channel: Channel | None = None,
    team: Team | None = None,
    assignee: Agent | None = None,
    status: Status | None = None,
    priority: Priority = Priority.NORMAL,
    tags: Iterable[Tag] = (),
    external_id: str | None = None,
    language: str | None = None,
    to: Sequence[str] | None = None,
    cc: Sequence[str] = (),
    custom_fields: Mapping[str, Any] | None = None,
    attachments: Sequence[Attachment | File] = (),
) -> Ticket:
    """Open a ticket with its first message, written by the contact unless `by_agent`.

    Without a team it goes to the default team of its channel; without a language it has the contact's.
    """
    require(actor, Permission.TICKETS_WRITE)
    if by_agent:
        require(actor, Permission.MESSAGES_WRITE)
        refuse_denied(actor, "tickets.reply")
    external_id = clean_line(external_id or "") or None
    refuse_taken(external_id, actor)
    refuse_unassignable(assignee)
    now = timezone.now()
    channel = channel or Channel.objects.of(_usual_channel(actor))
    ticket = Ticket(
        subject=subject_line(subject),
        contact=contact,
        organization=contact.organization,
        channel=channel,
        team=team or (channel.default_team if channel else None),
        assignee=assignee,
        priority=priority,
        external_id=external_id,
        language=contact.language if language is None else language_tag(language),
        first_replied_at=now if by_agent else None,
        created_at=now,
        updated_at=now,
    )
    ticket.custom_fields = fill(ticket, custom_fields).values
    place(ticket, status or Status.objects.of(Category.OPEN))
    screen(ticket, actor=actor)
    ticket.save(force_insert=True)
    ticket.tags.set(tags)
    record(actor, "ticket.opened", ticket, by_agent=by_agent)
    author = None if by_agent else contact
    if to is None:
        to = written_to(contact) if by_agent else ()
    write(
        ticket,
        body,
        actor=actor,
        kind=MessageKind.REPLY,
        as_contact=author,
        to=to,
        cc=cc,
        attachments=attachments,
    )
    return ticket


def _usual_channel(actor: Actor) -> ChannelKind:
    return ChannelKind.APP if actor.door == Door.API else ChannelKind.WORKSPACE


def refuse_unassignable(agent: Agent | None) -> None:
    if agent is not None and not (agent.is_active and agent.is_person):
        raise Refused(
            "assignee", "not_assignable", _("%(agent)s cannot be assigned tickets.") % {"agent": agent.name}
        )


def subject_line(subject: str) -> str:
    """A subject as it is stored. Raises Refused."""
    subject = clean_line(subject)
    if not subject:
        raise Refused("subject", "required", _("A ticket needs a subject."))
    if len(subject) > 250:
        raise Refused("subject", "too_long", _("A subject may have at most 250 characters."))
    return subject
