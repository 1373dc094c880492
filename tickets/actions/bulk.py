"""The same to many tickets, one after the other: what became of each, and how to put it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import NotAllowed
from activity.actor import Actor
from tickets import policy
from tickets.actions.locking import held
from tickets.models import Ticket

Mark = Callable[[Ticket], Any]
"""The value that a change replaces, as something that can be written down. Another one afterwards is a change."""

_BEFORE: dict[str, Mark] = {
    "status": lambda ticket: ticket.status_id,
    "priority": lambda ticket: ticket.priority,
    "assignee": lambda ticket: ticket.assignee_id,
    "team": lambda ticket: ticket.team_id,
    "tags": lambda ticket: sorted(tag.name for tag in ticket.tags.all()),
    "merge": lambda ticket: ticket.merged_into_id,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket: refused with a sentence, changed from `before` at a version, or as it was."""

    pk: int
    refusal: str = ""
    before: Any = None
    version: int | None = None
    """The version that the change made, None when nothing changed."""


def attempt(
    pk: int, *, field: str, change: Callable[[Ticket], object], actor: Actor, mark: Mark | None = None
) -> Outcome:
    """Do one thing to one ticket, all of it or nothing. A refusal is an outcome as good as any.

    `mark` tells what is to be remembered of the ticket where `field` is no property of its own.
    """
    try:
        with transaction.atomic():
            return _attempt(pk, mark or _BEFORE[field], change, actor)
    except (Refused, NotAllowed) as refusal:
        return Outcome(pk, str(refusal))
    except Ticket.DoesNotExist:
        return Outcome(pk, _("It is gone, or you may not see it any more."))


def _attempt(pk: int, mark: Mark, change: Callable[[Ticket], object], actor: Actor) -> Outcome:
    ticket = held(policy.visible(actor).only("pk").get(pk=pk), actor, Permission.TICKETS_WRITE)
    before, version = mark(ticket), ticket.version
    change(ticket)
    now = Ticket.objects.get(pk=pk)
    is_changed = now.version != version or mark(now) != before
    return Outcome(pk, before=before, version=now.version if is_changed else None)
