from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.actions.refusal import Refused, Stale
from accounts.permissions import Permission
from activity.actor import Actor
from activity.models import Event
from tickets.actions.assign import assign
from tickets.actions.locking import locked
from tickets.actions.properties import edit_subject, link_external, move_to_team, set_priority, set_status
from tickets.actions.tags import set_tags
from tickets.models import Priority, Ticket

_VERBS: dict[str, Callable[[Ticket, Any, Actor], Ticket]] = {
    "subject": lambda ticket, value, actor: edit_subject(ticket, subject=value, actor=actor),
    "priority": lambda ticket, value, actor: set_priority(ticket, priority=value, actor=actor),
    "tags": lambda ticket, value, actor: set_tags(ticket, tags=value, actor=actor),
    "external_id": lambda ticket, value, actor: link_external(ticket, external_id=value, actor=actor),
    "status": lambda ticket, value, actor: set_status(ticket, status=value, actor=actor),
    "assignee": lambda ticket, value, actor: assign(ticket, to=value, actor=actor),
    # Last, because the ticket may leave the actor's reach with it.
    "team": lambda ticket, value, actor: move_to_team(ticket, team=value, actor=actor),
}

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
        _refuse_stale(locked(ticket, actor, Permission.TICKETS_WRITE), based_on, fields)
    for field, verb in _VERBS.items():
        if field in fields:
            ticket = verb(ticket, fields[field], actor)
    return ticket


def _refuse_stale(ticket: Ticket, based_on: int, fields: Mapping[str, Any]) -> None:
    if based_on > ticket.version:
        raise Refused(
            "version", "unknown_version", f"The ticket has no version {based_on} yet. Read it again."
        )
    changed = _changed_since(ticket, based_on) if based_on < ticket.version else set()
    pairs = {field: (_shown(field, fields[field]), _shown(field, _now(ticket, field))) for field in fields}
    conflicts = {
        field: {"yours": yours, "now": now}
        for field, (yours, now) in pairs.items()
        if field in changed and yours != now
    }
    if conflicts:
        raise Stale(conflicts, ticket.version)


def _changed_since(ticket: Ticket, version: int) -> set[str]:
    later = Event.objects.about(ticket).filter(facts__version__gt=version)
    return {field for changes in later.values_list("changes", flat=True) for field in changes}


def _now(ticket: Ticket, field: str) -> Any:
    return ticket.tags.all() if field == "tags" else getattr(ticket, field)


def _shown(field: str, value: Any) -> Any:
    return _SHOWN.get(field, lambda plain: plain)(value)
