"""Saved views at work: what they hold for whoever looks, and how many tickets that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from accounts.counting import Count
from accounts.kept import Kept
from activity.actor import Actor
from tickets import counting, filters, policy, standing
from tickets.filters import FilterError
from tickets.lists import ORDERS, Selection
from tickets.models import SavedView

MOST = 100
"""Views that are counted, and stand in the navigation."""

PATIENCE = "1500ms"
"""How long all views together may be counted: nobody's filter shall hold up everybody's pages."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A view with its number of tickets, up to COUNT_CAP + 1; None, and why, where it cannot be counted."""

    view: SavedView
    number: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    standing: dict[str, int]
    """By the key of the view."""
    saved: list[Counted]
    beside: list[int]


def selection(view: SavedView, actor: Actor) -> Selection:
    """What a view holds for the actor. Raises FilterError when its filter means nothing (any more)."""
    return filters.select(view.query, actor, ORDERS[view.sort])


def counts(actor: Actor, *beside: Count) -> Counts:
    """How much the standing views hold, those that agents saved, and what else is asked for: one statement."""
    views = _offered(actor)
    found = filters.select_all([(view.query, ORDERS[view.sort]) for view in views], actor)
    meant = {view.pk: one for view, one in zip(views, found, strict=True) if isinstance(one, Selection)}
    always = [*standing.counts(actor), *beside]
    numbers = _count([*meant.values()], always) if meant else None
    # Where the saved views take too long, the others do not: nobody can make those slow.
    numbers = numbers or [None] * len(meant) + counting.count_each([], always)
    saved, rest = numbers[: len(meant)], [number or 0 for number in numbers[len(meant) :]]
    by_id = dict(zip(meant, saved, strict=True))
    return Counts(
        dict(zip(standing.VIEWS, rest, strict=False)),
        [_counted(view, one, by_id) for view, one in zip(views, found, strict=True)],
        rest[len(standing.VIEWS) :],
    )


@Kept
def _offered(actor: Actor) -> QuerySet[SavedView]:
    return policy.offered_views(actor)[:MOST]


def _counted(view: SavedView, meant: Selection | FilterError, numbers: Mapping[int, int | None]) -> Counted:
    if isinstance(meant, FilterError):
        return Counted(view, None, meant.message)
    number = numbers.get(view.pk)
    return Counted(view, number, _("Counting takes too long.") if number is None else "")


def _count(saved: Sequence[Selection], always: Sequence[Count]) -> list[int | None] | None:
    """The number of each, or None when the database needs too long to tell."""
    nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            _wait_for(PATIENCE)
            numbers = counting.count_each(saved, always)
            if nested:
                _wait_for(None)  # Otherwise the transaction that ends here takes the limit with it.
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return None
    return list(numbers)


def _wait_for(time: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout TO " + (f"'{time}'" if time else "DEFAULT"))
