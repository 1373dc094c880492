"""Rows as PostgreSQL's COPY takes them: a tuple for each, in the order of the columns named here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models

from accounts.models import Contact
from activity.actor import Actor
from tickets.models import Ticket

Row = Sequence[object]

CONTACT = (
    "id", "name", "organization_id", "phones", "language", "time_zone", "notes", "external_id", "custom_fields",
    "created_at", "updated_at",
)  # fmt: skip
ADDRESS = ("contact_id", "address", "position")
TICKET = (
    "id", "subject", "status_id", "category", "priority", "channel_id", "contact_id", "organization_id",
    "team_id", "assignee_id", "language", "external_id", "custom_fields", "version", "created_at", "updated_at",
    "first_replied_at", "solved_at",
)  # fmt: skip
TAG = ("ticket_id", "tag_id")
MESSAGE = (
    "id", "ticket_id", "kind", "direction", "agent_id", "contact_id", "door", "key_id", "key_name",
    "body_text", "body_html", "created_at", "to",
)  # fmt: skip
EVENT = (
    "id", "at", "type", "subject_type", "subject_id", "subject_label", "door", "agent_id", "contact_id",
    "key_id", "key_name", "changes", "facts", "cause_id", "request_id",
)  # fmt: skip


class EventRow(NamedTuple):
    """An event without its id: ids are given in the order of time, over all tickets."""

    at: datetime
    rest: Row


def copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Store rows as fast as PostgreSQL can take them."""
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as pipe:
        for row in rows:
            pipe.write_row(row)


def contact_row(contact: Contact) -> Row:
    return [_plain(getattr(contact, column)) for column in CONTACT]


def ticket_row(ticket: Ticket) -> Row:
    return [_plain(getattr(ticket, column)) for column in TICKET]


def _plain(value: object) -> object:
    """As COPY takes it."""
    return json.dumps(value) if isinstance(value, dict) else value


def message_row(
    pk: int,
    ticket: Ticket,
    actor: Actor,
    author: Contact | None,
    *,
    kind: str,
    direction: str,
    text: str,
    html: str,
    at: datetime,
    to: Sequence[str] = (),
) -> Row:
    agent_id = None if author or actor.agent is None else actor.agent.pk
    return (
        *(pk, ticket.pk, kind, direction, agent_id, author.pk if author else None, actor.door),
        *_key(actor),
        *(text, html, at, list(to)),
    )


def event_row(
    actor: Actor,
    event_type: str,
    subject: models.Model,
    *,
    at: datetime,
    changes: dict[str, tuple[Any, Any]] | None = None,
    facts: dict[str, object] | None = None,
) -> EventRow:
    who = (actor.agent.pk if actor.agent else None, actor.contact.pk if actor.contact else None)
    what = (event_type, subject._meta.model_name, subject.pk, str(subject)[:200], actor.door)
    return EventRow(at, (*what, *who, *_key(actor), _json(changes), _json(facts), None, ""))


def _key(actor: Actor) -> tuple[int | None, str]:
    return (actor.grant.id, actor.grant.name) if actor.grant else (None, "")


def _json(value: dict[str, Any] | None) -> str:
    return json.dumps(value) if value else "{}"
