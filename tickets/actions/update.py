from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from activity.actor import Actor
from tickets.actions.assign import assign
from tickets.actions.properties import edit_subject, link_external, move_to_team, set_priority, set_status
from tickets.actions.tags import set_tags
from tickets.models import Ticket

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


@transaction.atomic
def update(ticket: Ticket, *, actor: Actor, **fields: Any) -> Ticket:
    """Change several properties in one transaction, each by its own verb."""
    for field, verb in _VERBS.items():
        if field in fields:
            ticket = verb(ticket, fields[field], actor)
    return ticket
