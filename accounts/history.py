"""Which events exist for whom: those about things that he may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.permissions import Permission
from accounts.policy import decide, rights
from activity.actor import Actor
from activity.models import Event, EventQuerySet

Visible = Callable[[Actor], QuerySet[Any]]

_visible: dict[str, Visible] = {}
"""Kind of thing (the model's name) → the rows of it that exist for an actor. Each app adds its own."""


def register(subject_type: str, visible: Visible) -> None:
    """Let the events about this kind of thing be seen by whoever sees the thing."""
    _visible[subject_type] = visible


def visible_events(actor: Actor) -> EventQuerySet:
    """Administrators see everything, also what is said about things that are deleted by now."""
    if not decide(actor, Permission.EVENTS_READ):
        return Event.objects.none()
    if Permission.ADMIN in rights(actor):
        return Event.objects.all()
    seen = Q(pk=None)
    for subject_type, visible in _visible.items():
        seen |= Q(subject_type=subject_type, subject_id__in=visible(actor).order_by().values("pk"))
    return Event.objects.filter(seen)


def kinds() -> list[str]:
    return sorted(_visible)
