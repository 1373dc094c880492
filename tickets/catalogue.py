"""Every verb on a ticket: its function, what it accepts, and the permission it needs. Doors read this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from accounts.api.inputs import AgentReference, Input, TeamReference
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import actions
from tickets.inputs import (
    NewTicket,
    NoteInput,
    PriorityField,
    ReplyInput,
    StatusReference,
    TagNames,
    TicketUpdate,
)
from tickets.models import Message, Ticket


class AssignInput(Input):
    assignee = AgentReference(allow_null=True)


class StatusInput(Input):
    status = StatusReference()


class PriorityInput(Input):
    priority = PriorityField()


class TeamInput(Input):
    team = TeamReference(allow_null=True)


class TagsInput(Input):
    tags = TagNames()


class SubjectInput(Input):
    subject = serializers.CharField(max_length=250)


@dataclass(frozen=True, slots=True)
class Verb:
    """`name` is the operation that keys' tags match; `path` its sub-resource, empty where it has none."""

    name: str
    path: str
    summary: str
    function: Callable[..., Any]
    input: type[Input]
    permission: Permission
    field: str = ""
    """The property of `tickets.update` that does the same."""


def _reply(ticket: Ticket, *, author: str, actor: Actor, **said: Any) -> Message:
    """What the agent answers, or what the contact said."""
    return (actions.receive if author == "contact" else actions.reply)(ticket, actor=actor, **said)


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("tickets.create", "", "Open a ticket", actions.open_ticket, NewTicket, Permission.TICKETS_WRITE),
        Verb("tickets.update", "", "Change a ticket", actions.update, TicketUpdate, Permission.TICKETS_WRITE),
        Verb("tickets.delete", "", "Delete a ticket", actions.delete, Input, Permission.TICKETS_DELETE),
        Verb(
            "tickets.reply",
            "reply",
            "Reply to the contact",
            _reply,
            ReplyInput,
            Permission.MESSAGES_WRITE,
        ),
        Verb(
            "tickets.note", "note", "Write an internal note", actions.note, NoteInput, Permission.NOTES_WRITE
        ),
        Verb(
            "tickets.assign",
            "assign",
            "Assign a ticket, or unassign it with null",
            lambda ticket, *, assignee, actor: actions.assign(ticket, to=assignee, actor=actor),
            AssignInput,
            Permission.TICKETS_WRITE,
            "assignee",
        ),
        Verb(
            "tickets.status",
            "status",
            "Set the status",
            actions.set_status,
            StatusInput,
            Permission.TICKETS_WRITE,
            "status",
        ),
        Verb(
            "tickets.priority",
            "priority",
            "Set the priority",
            actions.set_priority,
            PriorityInput,
            Permission.TICKETS_WRITE,
            "priority",
        ),
        Verb(
            "tickets.move",
            "team",
            "Move to a team, or to none with null",
            actions.move_to_team,
            TeamInput,
            Permission.TICKETS_WRITE,
            "team",
        ),
        Verb(
            "tickets.tag",
            "tags",
            "Set the tags",
            lambda ticket, *, tags, actor: actions.set_tags(
                ticket, tags=actions.named_tags(tags, actor=actor), actor=actor
            ),
            TagsInput,
            Permission.TICKETS_WRITE,
            "tags",
        ),
        Verb(
            "tickets.subject",
            "subject",
            "Edit the subject",
            actions.edit_subject,
            SubjectInput,
            Permission.TICKETS_WRITE,
            "subject",
        ),
    )
}
