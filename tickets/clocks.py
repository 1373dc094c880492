"""How a ticket stands against its service level: which clock runs, until when, and what became of those that ran.

Which policy applies and when its clocks are due, an app above reckons and keeps in the ticket (`Ticket.sla`). What
stops a clock, a reply or the status, is asked of the ticket itself, so a page never shows a clock that runs on after
that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import Category, Ticket
from tickets.models.status import UNRESOLVED
from tickets.models.ticket import NEVER


class Target(models.TextChoices):
    FIRST_RESPONSE = "first_response", _("First reply")
    RESOLUTION = "resolution", _("Solution")


class State(models.TextChoices):
    RUNNING = "running", _("running")
    NEAR_BREACH = "near_breach", _("due soon")
    BREACHED = "breached", _("overdue")
    PAUSED = "paused", _("paused")
    MET = "met", _("met")
    MISSED = "missed", _("missed")


COUNTING = frozenset({State.RUNNING, State.NEAR_BREACH, State.BREACHED})
"""Those of a clock that runs."""


@dataclass(frozen=True, slots=True)
class Clock:
    target: Target
    state: State
    due_at: datetime | None
    """None while it stands still, and in the moment after it went on."""
    near_at: datetime | None
    """From when on it is nearly out."""
    done_at: datetime | None
    policy: str

    @property
    def counts(self) -> bool:
        return self.state in COUNTING


def clocks(
    sla: Mapping[str, Any],
    category: str,
    first_replied_at: datetime | None,
    solved_at: datetime | None,
    now: datetime,
) -> list[Clock]:
    """The clocks of a ticket with these values of its columns, in the order in which they run out."""
    reached = {
        Target.FIRST_RESPONSE: first_replied_at,
        Target.RESOLUTION: solved_at if category in {Category.SOLVED, Category.CLOSED} else None,
    }
    return [_clock(target, sla, reached[target], category, now) for target in Target if sla.get(target.value)]


def clocks_of(ticket: Ticket) -> list[Clock]:
    return clocks(ticket.sla, ticket.category, ticket.first_replied_at, ticket.solved_at, timezone.now())


def foremost(ticket: Ticket) -> Clock | None:
    """The clock that says most about what is to be done: the one that runs out first, else one that is paused."""
    if ticket.category not in UNRESOLVED:
        return None
    found = [clock for clock in clocks_of(ticket) if clock.counts or clock.state == State.PAUSED]
    return min(found, key=lambda clock: (not clock.counts, clock.due_at or NEVER), default=None)


def _clock(
    target: Target, sla: Mapping[str, Any], done_at: datetime | None, category: str, now: datetime
) -> Clock:
    kept = sla[target.value]
    due_at, near_at = (_moment(kept.get(name)) for name in ("due_at", "near_at"))
    state = _state(due_at, near_at, done_at, category, now)
    if state == State.PAUSED:
        due_at = near_at = None
    return Clock(target, state, due_at, near_at, done_at, sla["policy"]["name"])


def _state(
    due_at: datetime | None, near_at: datetime | None, done_at: datetime | None, category: str, now: datetime
) -> State:
    if done_at is not None:
        return State.MISSED if due_at is not None and done_at > due_at else State.MET
    if due_at is not None and due_at <= now:
        return State.BREACHED if category in UNRESOLVED else State.MISSED
    if category != Category.OPEN:
        return State.PAUSED
    return State.NEAR_BREACH if near_at is not None and near_at <= now else State.RUNNING


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_IS_OPEN = Q(category=Category.OPEN, unresolved=True)
_MISSED = Q(sla__first_response__told=2) | Q(sla__resolution__told=2)

CONDITIONS = {
    "running": _IS_OPEN & Q(sla_due_at__lt=NEVER),
    "paused": Q(category=Category.PENDING, unresolved=True) & ~Q(sla={}),
    "missed": _MISSED,
    "none": Q(sla={}),
}
"""Word of the filter language → which tickets it means."""


def due_before(moment: datetime) -> Q:
    """Tickets with a running clock that has run out by then."""
    return _IS_OPEN & Q(sla_due_at__lt=moment)


_reckoners: list[Callable[[Collection[int]], object]] = []


def register(reckoner: Callable[[Collection[int]], object]) -> None:
    """Let an app above reckon the clocks of the tickets with these numbers."""
    _reckoners.append(reckoner)


def reckon(ids: Collection[int]) -> None:
    """Reckon the clocks of these tickets now, for a page that changed them and is about to show them.

    Everybody else leaves that to the task that follows the event, a moment later.
    """
    for reckoner in _reckoners:
        reckoner(ids)
