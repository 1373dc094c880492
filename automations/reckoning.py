"""What the clocks of one ticket say: pure, from what its policy promises and what happened to the ticket.

Nothing is counted up from one event to the next. Everything is reckoned anew from the ticket's history, so it comes
out the same however often and in whatever order this is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from automations.hours import Calendar, NeverOpenError, add, between
from tickets.clocks import Target
from tickets.models import Category
from tickets.models.status import UNRESOLVED
from tickets.models.ticket import NEVER

Period = tuple[datetime, datetime | None]
"""A time during which the ticket was open. The last may go on."""


class Stage(IntEnum):
    """How far a clock has run out, and so how far people are told of it."""

    FINE = 0
    NEAR = 1
    OVER = 2


@dataclass(frozen=True, slots=True)
class Promise:
    """What the policy that applies says of a ticket like this."""

    policy: Mapping[str, Any]
    since: datetime
    """When it was made, or last changed. It tells of nothing that had run out by then."""
    calendar: Calendar
    warning: timedelta
    targets: Mapping[Target, timedelta]


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to the ticket, as far as clocks care."""

    created_at: datetime
    category: str
    first_replied_at: datetime | None
    solved_at: datetime | None
    changes: tuple[tuple[datetime, str, str], ...] = ()
    """When its status changed: from which category, to which."""

    @property
    def reached(self) -> dict[Target, datetime | None]:
        solved = None if self.category in UNRESOLVED else self.solved_at
        return {Target.FIRST_RESPONSE: self.first_replied_at, Target.RESOLUTION: solved}

    def open_periods(self) -> list[Period]:
        """Clocks run while it is open, and stand still while its contact is waited for and when it is solved."""
        if not self.changes:
            return self._of_no_history()
        periods: list[Period] = []
        since, category = self.created_at, self.changes[0][1]
        for at, _before, after in self.changes:
            if category == Category.OPEN:
                periods.append((since, at))
            since, category = at, after
        if self.category == Category.OPEN:
            periods.append((since, None))
        return periods

    def _of_no_history(self) -> list[Period]:
        """It is as it came; or it was moved here when it was done elsewhere."""
        if self.category == Category.OPEN:
            return [(self.created_at, None)]
        if self.category not in UNRESOLVED and self.solved_at is not None:
            return [(self.created_at, self.solved_at)]
        return []


@dataclass(slots=True)
class Reckoned:
    """What a ticket keeps: `Ticket.sla`, `sla_due_at` and `sla_check_at`."""

    sla: dict[str, Any] = field(default_factory=dict)
    due_at: datetime = NEVER
    check_at: datetime | None = None
    rings: list[tuple[Target, Stage, datetime]] = field(default_factory=list)
    """What people are to be told: which clock, how far it has run out, and when it was due."""


@dataclass(frozen=True, slots=True)
class _Hand:
    """One clock: where it stands, before it is known what people were told of it."""

    due_at: datetime | None
    near_at: datetime | None
    runs: bool
    left: timedelta

    def stage(self, now: datetime, done_at: datetime | None) -> Stage:
        if self.due_at is not None and (self.due_at < done_at if done_at else self.due_at <= now):
            return Stage.OVER
        return Stage.NEAR if self.runs and self.near_at is not None and self.near_at <= now else Stage.FINE


def reckon(
    promise: Promise | None,
    story: Story,
    *,
    before: Mapping[str, Any],
    now: datetime,
    silent: bool = False,
    ring: bool = False,
) -> Reckoned:
    """What the ticket keeps from now on. `before` is what it kept until now, with what was told of it.

    With `ring`, what has run out is to be told, and counts as told. With `silent`, what had run out before the due
    time was even known is told to nobody.
    """
    found = Reckoned()
    if promise is None or not promise.targets:
        return found
    found.sla["policy"] = dict(promise.policy)
    periods, reached = story.open_periods(), story.reached
    for target, allowed in promise.targets.items():
        hand = _hand(promise, allowed, periods, reached[target])
        stage = hand.stage(now, reached[target])
        kept = before.get(target.value) or {}
        was_over = hand.due_at is not None and hand.due_at < promise.since
        told = _told(hand, stage, kept, silent=silent or was_over)
        if ring and stage > told and hand.due_at is not None:
            found.rings.append((target, stage, hand.due_at))
            told = stage
        found.sla[target.value] = _kept(hand, told)
        _note_times(found, hand, stage, told)
    return found


def _hand(promise: Promise, allowed: timedelta, periods: list[Period], done_at: datetime | None) -> _Hand:
    left, calendar = allowed, promise.calendar
    warning = min(promise.warning, allowed / 2)
    periods = _until(periods, done_at)
    for start, end in periods:
        if end is None:
            due, near = _later(calendar, start, left), _later(calendar, start, left - warning)
            return _Hand(due, near, True, left)
        worked = between(calendar, start, end)
        if worked >= left:
            goes_on = periods[-1][1] is None
            return _Hand(_later(calendar, start, left), None, goes_on, timedelta(0))
        left -= worked
    # It stands still: until it goes on, nobody knows when it is due; when it is done, how much time was left.
    return _Hand(_later(calendar, done_at, left) if done_at else None, None, False, left)


def _until(periods: list[Period], done_at: datetime | None) -> list[Period]:
    if done_at is None:
        return periods
    return [
        (start, done_at if end is None else min(end, done_at)) for start, end in periods if start < done_at
    ]


def _later(calendar: Calendar, start: datetime, left: timedelta) -> datetime | None:
    try:
        return add(calendar, start, left).astimezone(UTC)
    except NeverOpenError:
        return None


def _told(hand: _Hand, stage: Stage, kept: Mapping[str, Any], *, silent: bool) -> Stage:
    """How far people were told of this clock. Of one that goes on with more time, they will be told again."""
    if silent and kept.get("due_at") != _said(hand.due_at):
        return stage
    told = Stage(kept.get("told", Stage.FINE))
    still = not hand.runs and stage < Stage.OVER
    return min(told, Stage.NEAR if still else stage)


def _kept(hand: _Hand, told: Stage) -> dict[str, Any]:
    return {
        "due_at": _said(hand.due_at),
        "near_at": _said(hand.near_at),
        "left": int(hand.left / timedelta(minutes=1)),
        "told": int(told),
    }


def _note_times(found: Reckoned, hand: _Hand, stage: Stage, told: Stage) -> None:
    if hand.due_at is None:
        return
    if hand.runs:
        found.due_at = min(found.due_at, hand.due_at)
    next_check = None
    if stage == Stage.OVER:
        next_check = hand.due_at if told < Stage.OVER else None
    elif hand.runs:
        next_check = hand.due_at if told else hand.near_at
    if next_check is not None:
        found.check_at = min(found.check_at or next_check, next_check)


def _said(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
