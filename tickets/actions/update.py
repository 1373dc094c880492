from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.actions.values import fill
from accounts.actions.versions import refuse_stale
from accounts.permissions import Permission
from activity.actor import Actor
from tickets.actions.assign import assign
from tickets.actions.custom_fields import set_fields
from tickets.actions.locking import locked
from tickets.actions.properties import (
    edit_subject,
    link_external,
    move_to_team,
    set_language,
    set_priority,
    set_status,
)
from tickets.actions.tags import set_tags
from tickets.models import Priority, Ticket

_VERBS: dict[str, Callable[[Ticket, Any, Actor], Ticket]] = {
    "subject": lambda ticket, value, actor: edit_subject(ticket, subject=value, actor=actor),
    "priority": lambda ticket, value, actor: set_priority(ticket, priority=value, actor=actor),
    "tags": lambda ticket, value, actor: set_tags(ticket, tags=value, actor=actor),
    "language": lambda ticket, value, actor: set_language(ticket, language=value, actor=actor),
    "external_id": lambda ticket, value, actor: link_external(ticket, external_id=value, actor=actor),
    "custom_fields": lambda ticket, value, actor: set_fields(ticket, values=value, actor=actor),
    "status": lambda ticket, value, actor: set_status(ticket, status=value, actor=actor),
    "assignee": lambda ticket, value, actor: assign(ticket, to=value, actor=actor),
    # Last, because the ticket may leave the actor's reach with it.
    "team": lambda ticket, value, actor: move_to_team(ticket, team=value, actor=actor),
}

PROPERTIES = frozenset(_VERBS)
"""What an update can change."""

_SHOWN: dict[str, Callable[[Any], Any]] = {
    "priority": lambda value: Priority(value).word,
    "status": lambda value: value.name,
    "assignee": lambda value: value and value.pk,
    "team": lambda value: value and value.pk,
    "tags": lambda value: sorted(tag.name for tag in value),
}
"""How a conflict shows the values of a field; others are shown as they are."""


@transaction.atomic
def update(ticket: Ticket, *, actor: Actor, based_on: int | None = None, **fields: Any) -> Ticket:
    """Change several properties in one transaction, each by its own verb.

    With `based_on`, the version that the changes were made against, changes by others to other fields are kept.
    Raises Stale when somebody changed the same field to something else.
    """
    if based_on is not None:
        refuse_clash(ticket, fields, based_on=based_on, actor=actor)
    for field, verb in _VERBS.items():
        if field in fields:
            ticket = verb(ticket, fields[field], actor)
    return ticket


@transaction.atomic
def refuse_clash(ticket: Ticket, fields: Mapping[str, Any], *, based_on: int, actor: Actor) -> None:
    """Stop where somebody set one of these to something else since. The ticket is held from then on. Raises Stale."""
    now = locked(ticket, actor, Permission.TICKETS_WRITE)
    refuse_stale(now, based_on, _wanted(now, fields))


def _wanted(ticket: Ticket, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Present values beside those that shall be, as a conflict shows them. Each custom field is one of its own."""
    plain = {field: value for field, value in fields.items() if field != "custom_fields"}
    pairs = {
        field: (_shown(field, _now(ticket, field)), _shown(field, value)) for field, value in plain.items()
    }
    return pairs | fill(ticket, fields.get("custom_fields")).changes


def _now(ticket: Ticket, field: str) -> Any:
    return ticket.tags.all() if field == "tags" else getattr(ticket, field)


def _shown(field: str, value: Any) -> Any:
    return _SHOWN.get(field, lambda plain: plain)(value)
