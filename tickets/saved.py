"""Saved views at work: what they hold for whoever looks, and how many tickets that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from activity.actor import Actor
from tickets import counting, filters, policy
from tickets.filters import FilterError
from tickets.lists import ORDERS, Selection
from tickets.models import SavedView

MOST = 100
"""Views that are counted, and stand in the navigation."""

PATIENCE = "1500ms"
"""How long all saved views together may be counted: nobody's filter shall hold up everybody's pages."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A view with its number of tickets, up to COUNT_CAP + 1; None, and why, where it cannot be counted."""

    view: SavedView
    number: int | None
    problem: str = ""


def selection(view: SavedView, actor: Actor) -> Selection:
    """What a view holds for the actor. Raises FilterError when its filter means nothing (any more)."""
    return filters.select(view.query, actor, ORDERS[view.sort])


def offered(actor: Actor) -> list[SavedView]:
    return list(policy.offered_views(actor)[:MOST])


def counts(views: Sequence[SavedView], actor: Actor) -> list[Counted]:
    """How many tickets each view holds for the actor: one statement, however many views there are."""
    found = filters.select_all([(view.query, ORDERS[view.sort]) for view in views], actor)
    countable = {
        view.pk: one for view, one in zip(views, found, strict=True) if not isinstance(one, FilterError)
    }
    numbers = _count(countable)
    return [
        Counted(view, None, str(one))
        if isinstance(one, FilterError)
        else Counted(view, numbers.get(view.pk), "" if numbers else _("Counting takes too long."))
        for view, one in zip(views, found, strict=True)
    ]


def _count(selections: Mapping[int, Selection]) -> dict[int, int]:
    """The number of tickets of each; empty when the database needs too long to tell."""
    if not selections:
        return {}
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
            numbers = counting.count_each(list(selections.values()))
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return {}
    return dict(zip(selections, numbers, strict=True))
