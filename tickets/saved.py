"""Saved views at work: what they hold for whoever looks, and how many tickets that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

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


def selection(view: SavedView, actor: Actor) -> Selection:
    """What a view holds for the actor. Raises FilterError when its filter means nothing (any more)."""
    return filters.select(view.query, actor, ORDERS[view.sort])


def counts(actor: Actor) -> tuple[dict[str, int], list[Counted]]:
    """How many tickets the standing views hold, by key, and those that agents saved: one statement for all."""
    views = list(policy.offered_views(actor)[:MOST])
    found = filters.select_all([(view.query, ORDERS[view.sort]) for view in views], actor)
    meant = {view.pk: one for view, one in zip(views, found, strict=True) if isinstance(one, Selection)}
    numbers = _count([*_standing(actor).values(), *meant.values()]) if meant else None
    by_key = dict(zip(standing.VIEWS, numbers, strict=False)) if numbers else standing.counts(actor)
    by_id = dict(zip(meant, numbers[len(standing.VIEWS) :], strict=True)) if numbers else {}
    return by_key, [_counted(view, one, by_id) for view, one in zip(views, found, strict=True)]


def _standing(actor: Actor) -> dict[str, Selection]:
    return {key: view.selection(actor) for key, view in standing.VIEWS.items()}


def _counted(view: SavedView, meant: Selection | FilterError, numbers: Mapping[int, int]) -> Counted:
    if isinstance(meant, FilterError):
        return Counted(view, None, meant.message)
    number = numbers.get(view.pk)
    return Counted(view, number, _("Counting takes too long.") if number is None else "")


def _count(selections: Sequence[Selection]) -> list[int] | None:
    """The number of tickets of each, or None when the database needs too long to tell."""
    nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            _wait_for(PATIENCE)
            numbers = counting.count_each(selections)
            if nested:
                _wait_for(None)  # Otherwise the transaction that ends here takes the limit with it.
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return None
    return numbers


def _wait_for(time: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout TO " + (f"'{time}'" if time else "DEFAULT"))
