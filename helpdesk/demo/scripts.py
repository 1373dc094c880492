"""How conversations go: which steps follow each other, and how long each one takes to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo.conversation import Conversation

Step = Callable[[Conversation], None]

_HOURS: dict[Step, float] = {
    Conversation.assign: 5,
    Conversation.move: 3,
    Conversation.enrich: 0.1,
    Conversation.note: 4,
    Conversation.raise_priority: 6,
    Conversation.wait_for_carrier: 4,
    Conversation.ask: 10,
    Conversation.answer: 16,
    Conversation.propose: 20,
    Conversation.thank: 30,
    Conversation.complain: 48,
    Conversation.solve: 30,
    Conversation.settle: 6,
    Conversation.discard: 8,
}
"""The usual time before a step, in hours."""

_AT_ANY_HOUR = {Conversation.answer, Conversation.thank, Conversation.complain, Conversation.enrich}
"""What contacts and programs do. Agents go home at night."""

_OPENS, _SHUTS = 8, 18
_SATURDAY = 5

_SCRIPTS: dict[tuple[Step, ...], int] = {
    (Conversation.assign, Conversation.solve): 24,
    (Conversation.assign, Conversation.ask, Conversation.answer, Conversation.solve): 30,
    (
        Conversation.assign,
        Conversation.note,
        Conversation.propose,
        Conversation.thank,
        Conversation.settle,
    ): 14,
    (Conversation.enrich, Conversation.assign, Conversation.ask, Conversation.answer, Conversation.solve): 8,
    (
        Conversation.assign,
        Conversation.raise_priority,
        Conversation.solve,
        Conversation.complain,
        Conversation.assign,
        Conversation.note,
        Conversation.solve,
    ): 6,
    (Conversation.assign, Conversation.wait_for_carrier, Conversation.note, Conversation.solve): 5,
    (Conversation.assign, Conversation.ask): 2,
    (Conversation.discard,): 2,
}
"""Scripts and how common they are."""

_SLOW = 0.08
"""The part of all tickets that lie around."""

_CLOSED_AFTER = timedelta(days=14)


def tell(told: Conversation, until: datetime) -> None:
    """Go on from the opening until the script or the time is over: what is recent is thereby unfinished."""
    rng = told.rng
    pace = 25 if rng.random() < _SLOW else 1
    (script,) = rng.choices(list(_SCRIPTS), weights=list(_SCRIPTS.values()))
    for step in script if told.is_where_it_belongs else (Conversation.move, *script):
        told.at += _pause(rng, step) * pace
        if step not in _AT_ANY_HOUR:
            told.at = _at_work(told.at)
        if told.at > until:
            return
        step(told)
    told.at += _CLOSED_AFTER
    if told.ticket.solved_at and told.at <= until:
        told.close()


def _pause(rng: Random, step: Step) -> timedelta:
    return timedelta(hours=_HOURS[step] * rng.lognormvariate(0, 0.9))


def _at_work(at: datetime) -> datetime:
    """The same moment, or the next working morning, one after the other."""
    if at.weekday() < _SATURDAY and _OPENS <= at.hour < _SHUTS:
        return at
    minutes = (at.hour * 60 + at.minute) % 150
    at += timedelta(days=1 if at.hour >= _SHUTS or at.weekday() >= _SATURDAY else 0)
    at += timedelta(days=(7 - at.weekday()) % 7 if at.weekday() >= _SATURDAY else 0)
    return at.replace(hour=_OPENS) + timedelta(minutes=minutes)
