"""`record()`: the one way history is written, and `reactor()`: the one way anything follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from django.db import connection, models
from django.utils import timezone
from procrastinate.contrib.django import app as queue
from procrastinate.tasks import Task

from activity import feed
from activity.actor import Actor
from activity.models import Event

Changes = Mapping[str, tuple[Any, Any]]
Reactor = Task[Any, Any, Any]

Wish = Callable[[str], bool]

_reactors: dict[str, list[tuple[Reactor, Wish]]] = defaultdict(list)
_even_quiet: dict[str, list[Reactor]] = defaultdict(list)
_harmless: dict[str, list[Callable[[int], None]]] = defaultdict(list)
_followers: list[Callable[[Event], None]] = []


class Reaction(Protocol):
    """What a reactor is written as. It may run twice for the same event and must not mind."""

    __name__: str
    __module__: str

    def __call__(self, event_id: int) -> None: ...


def record(
    actor: Actor,
    kind: str,
    subject: models.Model,
    /,
    *,
    changes: Changes | None = None,
    **facts: Any,
) -> Event:
    """Write that `actor` did `kind` ("ticket.assigned") to `subject`, and queue what follows from it.

    Of a subject that has versions, the event tells the one it made. `changes` maps field names to
    (before, after), both JSON-serialisable. Must be called inside the transaction that makes the change: the
    event, the change and the queued work stand or fall together. Of a quiet actor's events nothing follows that
    anybody hears of, and the fact `quiet` says so to whoever reads them later.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"record({kind!r}) must share a transaction with the change it describes.")
    version = getattr(subject, "version", None)
    if version is not None:
        facts["version"] = version
    if actor.quiet:
        facts["quiet"] = True
    if actor.automation is not None:
        facts["automation"] = asdict(actor.automation)
    feed.announce()
    event = Event.objects.create(
        type=kind,
        subject_type=str(subject._meta.model_name),
        subject_id=subject.pk,
        subject_label=str(subject)[:200],
        at=timezone.now(),
        door=actor.door,
        agent=actor.agent,
        contact=actor.contact,
        key_id=actor.grant.id if actor.grant else None,
        key_name=actor.grant.name if actor.grant else "",
        changes={field: list(pair) for field, pair in (changes or {}).items()},
        facts=facts,
        cause_id=actor.because_of,
        request_id=actor.request_id,
    )
    for task in _even_quiet[kind] if actor.quiet else _wanted(kind):
        task.defer(event_id=event.pk)
    for follow in () if actor.quiet else _followers:
        follow(event)
    return event


def _wanted(kind: str) -> list[Reactor]:
    return [task for task, wants in _reactors[kind] if wants(kind)]


def follow_every_event(function: Callable[[Event], None]) -> None:
    """Have the function called for each event, of whatever kind, that is not quiet: in the event's own transaction,
    so that what it writes stands or falls with it. It makes every verb wait: one statement, and nothing slow."""
    _followers.append(function)


def reactions(kind: str) -> list[str]:
    """The names of the tasks that follow from an event of this kind."""
    return [str(task.name) for task in _wanted(kind)]


def rehearse_reactions(event: Event) -> None:
    """Run at once those that a rollback undoes, for a dry run to see what they would do."""
    for reaction in () if event.facts.get("quiet") else _harmless[event.type]:
        reaction(event.pk)


def reactor(
    *kinds: str,
    attempts: int = 5,
    harmless: bool = False,
    even_quiet: bool = False,
    wants: Wish = lambda _kind: True,
) -> Callable[[Reaction], Reactor]:
    """Register a function to run in a worker, after commit, for every event of these kinds.

    A `harmless` one does nothing but write to the database. `wants` is asked before a task is queued: it spares the
    queue what nobody waits for. One that tells nobody anything may follow `even_quiet` events.
    """

    def register(function: Reaction) -> Reactor:
        task: Reactor = queue.task(name=f"{function.__module__}.{function.__name__}", retry=attempts)(
            function
        )
        for kind in kinds:
            _reactors[kind].append((task, wants))
            if even_quiet:
                _even_quiet[kind].append(task)
            if harmless:
                _harmless[kind].append(function)
        return task

    return register
