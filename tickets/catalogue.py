"""Every verb on a ticket: its function, what it accepts, and the permission it needs. Doors read this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from accounts.api.inputs import AgentReference, CustomFieldValues, Input, TeamReference
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import actions
from tickets.inputs import (
    MessageReference,
    NewProposal,
    NewTicket,
    NoteInput,
    OldTicket,
    PriorityField,
    ReplyInput,
    StatusReference,
    TagNames,
    TicketReference,
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


class LanguageInput(Input):
    language = serializers.CharField(max_length=12, allow_blank=True)


class FieldsInput(Input):
    custom_fields = CustomFieldValues(required=True)


class MergeInput(Input):
    into = TicketReference()


class SplitInput(Input):
    message = MessageReference()
    following = serializers.BooleanField(default=False)
    subject = serializers.CharField(max_length=250, required=False, allow_blank=True)


class LinkInput(Input):
    ticket = TicketReference()


class SnoozeInput(Input):
    until = serializers.DateTimeField()


class FollowInput(Input):
    agent = AgentReference(required=False)


class TagChanges(Input):
    """Names of tags to add and to remove, or `set`, the names that shall be all."""

    add = TagNames(required=False)
    remove = TagNames(required=False)
    set = TagNames(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs or ("set" in attrs and len(attrs) > 1):
            raise serializers.ValidationError("Send add or remove or both, or set alone.")
        return attrs


class BulkInput(Input):
    """What shall be done to each of up to 100 tickets: one or several verbs, all of them or none."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=100
    )
    assign = AgentReference(required=False, allow_null=True)
    status = StatusReference(required=False)
    priority = PriorityField(required=False)
    tags = TagChanges(required=False)
    team = TeamReference(required=False, allow_null=True)
    custom_fields = CustomFieldValues()
    merge = TicketReference(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) == 1:
            raise serializers.ValidationError(f"Say what to do: {', '.join(BULK)}.")
        if "merge" in attrs and len(attrs) > 2:
            message = "Merge by itself: nothing else is done to a merged ticket. Change them before."
            raise serializers.ValidationError({"merge": [message]})
        return attrs


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


def _change_tags(ticket: Ticket, tags: dict[str, list[str]], actor: Actor) -> None:
    if "set" in tags:
        actions.set_tags(ticket, tags=actions.named_tags(tags["set"], actor=actor), actor=actor)
    if "add" in tags:
        actions.add_tags(ticket, tags=actions.named_tags(tags["add"], actor=actor), actor=actor)
    if "remove" in tags:
        actions.remove_tags(ticket, tags=ticket.tags.filter(name__in=tags["remove"]), actor=actor)


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("tickets.create", "", "Open a ticket", actions.open_ticket, NewTicket, Permission.TICKETS_WRITE),
        Verb(
            "tickets.import",
            "",
            "Move an old ticket here",
            actions.import_ticket,
            OldTicket,
            Permission.TICKETS_IMPORT,
        ),
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
        Verb(
            "tickets.language",
            "language",
            "Set the language",
            actions.set_language,
            LanguageInput,
            Permission.TICKETS_WRITE,
            "language",
        ),
        Verb(
            "tickets.fields",
            "custom_fields",
            "Fill in custom fields",
            lambda ticket, *, custom_fields, actor: actions.set_fields(
                ticket, values=custom_fields, actor=actor
            ),
            FieldsInput,
            Permission.TICKETS_WRITE,
            "custom_fields",
        ),
        Verb(
            "tickets.merge",
            "merge",
            "Merge into another ticket",
            actions.merge,
            MergeInput,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.unmerge",
            "unmerge",
            "Give a merged ticket back",
            actions.unmerge,
            Input,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.split",
            "split",
            "Make a message a ticket of its own",
            actions.split,
            SplitInput,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.link",
            "link",
            "Link to another ticket",
            lambda row, *, ticket, actor: actions.link(row, to=ticket, actor=actor),
            LinkInput,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.unlink",
            "unlink",
            "Remove the link to another ticket",
            lambda row, *, ticket, actor: actions.unlink(row, to=ticket, actor=actor),
            LinkInput,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.snooze",
            "snooze",
            "Snooze until a time",
            actions.snooze,
            SnoozeInput,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.unsnooze",
            "unsnooze",
            "Wake a snoozed ticket",
            actions.unsnooze,
            Input,
            Permission.TICKETS_WRITE,
        ),
        Verb(
            "tickets.follow",
            "follow",
            "Follow a ticket",
            actions.follow,
            FollowInput,
            Permission.TICKETS_READ,
        ),
        Verb(
            "tickets.unfollow",
            "unfollow",
            "Stop following a ticket",
            actions.unfollow,
            FollowInput,
            Permission.TICKETS_READ,
        ),
        Verb(
            "tickets.propose",
            "",
            "Propose a reply, a note or a change",
            actions.propose,
            NewProposal,
            Permission.TICKETS_PROPOSE,
        ),
    )
}

BULK: dict[str, tuple[Verb, Callable[[Ticket, Any, Actor], object]]] = {
    "tags": (VERBS["tickets.tag"], _change_tags),
    "custom_fields": (
        VERBS["tickets.fields"],
        lambda ticket, value, actor: actions.set_fields(ticket, values=value, actor=actor),
    ),
    "priority": (
        VERBS["tickets.priority"],
        lambda ticket, value, actor: actions.set_priority(ticket, priority=value, actor=actor),
    ),
    "status": (
        VERBS["tickets.status"],
        lambda ticket, value, actor: actions.set_status(ticket, status=value, actor=actor),
    ),
    "assign": (
        VERBS["tickets.assign"],
        lambda ticket, value, actor: actions.assign(ticket, to=value, actor=actor),
    ),
    "merge": (
        VERBS["tickets.merge"],
        lambda ticket, value, actor: actions.merge(ticket, into=value, actor=actor),
    ),
    # Last, because the ticket may leave the actor's reach with it.
    "team": (
        VERBS["tickets.move"],
        lambda ticket, value, actor: actions.move_to_team(ticket, team=value, actor=actor),
    ),
}
"""What can be done to many tickets at once, in the order in which it is done, each by the rules of its own verb."""
