"""Taking back what was done: each app registers how one of its kinds of events is undone, by its ordinary verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.policy import NotAllowed
from activity.actor import Actor
from activity.models import Event

Undoer = Callable[[Event, Actor, frozenset[int]], str]
"""Takes one change back and says what is put back. The ids are those of all changes that are taken back together:
what happened to the same property by these, or by undoing these, is nothing newer. Raises Refused."""

_undoers: dict[str, Undoer] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event, in a sentence: what was put back, or why nothing was."""

    event: Event
    done: bool
    sentence: str


def register(kinds: Iterable[str], undoer: Undoer) -> None:
    _undoers.update(dict.fromkeys(kinds, undoer))


def undoable() -> list[str]:
    """The kinds of events that can be undone."""
    return sorted(_undoers)


@transaction.atomic
def undo(events: Sequence[Event], *, actor: Actor) -> list[Outcome]:
    """Take these changes back, the newest first, each by the rules of an ordinary change. What cannot be is left."""
    together = frozenset(event.pk for event in events)
    # Thing by thing in one order, so that two who undo at the same time never wait for each other in a circle.
    ordered = sorted(events, key=lambda event: (event.subject_type, event.subject_id, -event.pk))
    return [_undo(event, actor, together) for event in ordered]


def preview(events: Sequence[Event], *, actor: Actor) -> list[Outcome]:
    """What `undo` would do, found out by doing it and taking that back."""
    with transaction.atomic():
        outcomes = undo(events, actor=actor)
        transaction.set_rollback(True)
    return outcomes


def _undo(event: Event, actor: Actor, together: frozenset[int]) -> Outcome:
    undoer = _undoers.get(event.type)
    if undoer is None:
        return Outcome(event, False, _("This cannot be taken back."))
    try:
        with transaction.atomic():
            return Outcome(event, True, undoer(event, replace(actor, because_of=event.pk), together))
    except NotAllowed as refusal:
        return Outcome(event, False, refusal.decision.sentence)
    except Refused as refusal:
        return Outcome(event, False, refusal.message)
    except ObjectDoesNotExist:
        return Outcome(event, False, _("It does not exist any more, or you may not see it."))
