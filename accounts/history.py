"""Which events exist for whom: those about things that he may see. And how much of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from accounts.permissions import Permission
from accounts.policy import decide, rights
from activity.actor import Actor
from activity.models import Event, EventQuerySet

Visible = Callable[[Actor], QuerySet[Any]]

_visible: dict[str, Visible] = {}
"""Kind of thing (the model's name) → the rows of it that exist for an actor. Each app adds its own."""
_reads: dict[str, Permission] = {}
"""Kind of thing → the right to read it, where its rows exist also for those who may do something else to them."""
_private: dict[str, Permission] = {}
"""Type of event → the right without which it does not exist."""
_references: dict[str, str] = {}
"""Fact → the kind of thing whose id it is."""


def register(
    subject_type: str,
    visible: Visible,
    *,
    reads: Permission | None = None,
    private: Mapping[str, Permission] | None = None,
    references: Iterable[str] = (),
) -> None:
    """Let the events about this kind of thing be seen by whoever sees the thing.

    `reads` is needed besides; `private` are types of events that need a right of their own; `references` are the
    facts of events that hold the id of another thing of this kind.
    """
    _visible[subject_type] = visible
    if reads:
        _reads[subject_type] = reads
    _private.update(private or {})
    _references.update(dict.fromkeys(references, subject_type))


def visible_events(actor: Actor) -> EventQuerySet:
    """Administrators see everything, also what is said about things that are deleted by now."""
    if not decide(actor, Permission.EVENTS_READ):
        return Event.objects.none()
    held = rights(actor)
    private = [kind for kind, permission in _private.items() if permission not in held]
    rows = Event.objects.exclude(type__in=private) if private else Event.objects.all()
    if Permission.ADMIN in held:
        return rows
    seen = Q(pk=None)
    for subject_type, visible in _visible.items():
        if _reads.get(subject_type) in {None, *held}:
            seen |= Q(subject_type=subject_type, subject_id__in=visible(actor).order_by().values("pk"))
    return rows.filter(seen)


def seen_among(actor: Actor, events: Iterable[Mapping[str, Any]]) -> set[int]:
    """Of these events (rows of `values()`) the ids of those in `visible_events`, asked only of the things that they
    are about: one query a kind, however many things there are."""
    held = rights(actor)
    if Permission.EVENTS_READ not in held:
        return set()
    known = [row for row in events if _private.get(row["type"]) in {None, *held}]
    if Permission.ADMIN in held:
        return {row["id"] for row in known}
    subjects: dict[str, set[int]] = defaultdict(set)
    for row in known:
        if row["subject_type"] in _visible and _reads.get(row["subject_type"]) in {None, *held}:
            subjects[row["subject_type"]].add(row["subject_id"])
    seen = {
        (kind, pk)
        for kind, ids in subjects.items()
        for pk in _visible[kind](actor).order_by().filter(pk__in=ids).values_list("pk", flat=True)
    }
    return {row["id"] for row in known if (row["subject_type"], row["subject_id"]) in seen}


def visible_references(actor: Actor, facts: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """Of the other things that these facts name, those that exist for the actor: (fact, id). One query a kind."""
    named = {
        (name, value)
        for told in facts
        for name, value in told.items()
        if name in _references and isinstance(value, int)
    }
    seen: set[tuple[str, int]] = set()
    for kind in {_references[name] for name, _pk in named}:
        ids = {pk for name, pk in named if _references[name] == kind}
        found = set(_visible[kind](actor).order_by().filter(pk__in=ids).values_list("pk", flat=True))
        seen |= {(name, pk) for name, pk in named if _references[name] == kind and pk in found}
    return seen


def is_reference(fact: str) -> bool:
    return fact in _references


def visible_rows(kind: str, actor: Actor) -> QuerySet[Any]:
    """The things of this kind that exist for the actor."""
    return _visible[kind](actor)


def kinds() -> list[str]:
    return sorted(_visible)


def kinds_in_words() -> list[tuple[str, str]]:
    """Each kind with what people call it, in the order of these words."""
    words = {model._meta.model_name: capfirst(str(model._meta.verbose_name)) for model in apps.get_models()}
    return sorted(((kind, words.get(kind, kind)) for kind in kinds()), key=itemgetter(1))
