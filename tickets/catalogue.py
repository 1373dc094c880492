"""Every verb on a ticket: its function, what it accepts, and the permission it needs. Doors read this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.api.inputs import Input
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import actions
from tickets.inputs import (
    AssignInput,
    FieldsInput,
    FollowInput,
    LanguageInput,
    LinkInput,
    MergeInput,
    NewProposal,
    NewTicket,
    NoteInput,
    OldTicket,
    PriorityInput,
    ReplyInput,
    SnoozeInput,
    SplitInput,
    StatusInput,
    SubjectInput,
    TagsInput,
    TeamInput,
    TicketUpdate,
)
from tickets.models import Message, Ticket


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
