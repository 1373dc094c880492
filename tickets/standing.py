"""The standing views of the workspace: what they hold, in which order, and how many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.keyset import Order
from accounts.models import Agent
from activity.actor import Actor
from tickets import policy
from tickets.lists import NEWEST, Selection
from tickets.models import Category

COUNT_CAP = 1_000
"""Counts stop here and are shown as “1,000+”."""


@dataclass(frozen=True, slots=True)
class StandingView:
    key: str
    name: Promise
    condition: Callable[[Agent], Q]
    empty: Promise
    order: Order = NEWEST

    def selection(self, actor: Actor) -> Selection:
        assert actor.agent is not None
        return Selection(actor, self.condition(actor.agent), order=self.order)


def _in(category: Category) -> Q:
    return Q(category=category, unresolved=True)


VIEWS: dict[str, StandingView] = {
    view.key: view
    for view in (
        StandingView(
            "mine",
            _("Mine"),
            lambda agent: _in(Category.OPEN) & Q(assignee=agent),
            _("Nothing waits for you. Take something from Unassigned."),
        ),
        StandingView(
            "unassigned",
            _("Unassigned"),
            lambda agent: _in(Category.OPEN) & Q(assignee=None),
            _("Every open ticket has somebody who looks after it."),
        ),
        StandingView(
            "teams",
            _("My teams"),
            lambda agent: _in(Category.OPEN) & Q(team__in=policy.team_ids(agent)),
            _("No open tickets in your teams."),
        ),
        StandingView(
            "open",
            _("All open"),
            lambda agent: _in(Category.OPEN),
            _("No open tickets. A good day to write down what you know."),
        ),
        StandingView(
            "pending",
            _("Pending"),
            lambda agent: _in(Category.PENDING),
            _("No ticket waits for its contact."),
        ),
        StandingView(
            "solved",
            _("Recently solved"),
            lambda agent: Q(category=Category.SOLVED),
            _("Nothing has been solved yet. Solved tickets appear here, the latest first."),
        ),
    )
}


def counts(actor: Actor) -> dict[str, int]:
    """How many tickets each standing view holds, up to COUNT_CAP + 1, in one statement."""
    queries = [_statement(view.selection(actor)) for view in VIEWS.values()]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS v{i})" for i, (sql, _values) in enumerate(queries))
    params = [value for _sql, values in queries for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", params)
        return dict(zip(VIEWS, cursor.fetchone(), strict=True))


def _statement(selection: Selection) -> tuple[str, Sequence[Any]]:
    rows = (
        policy.visible(selection.actor)
        .filter(selection.condition)
        .order_by()
        .values_list("pk")[: COUNT_CAP + 1]
    )
    # Django would rather raise than compile a condition that nothing meets, such as “in one of no teams”.
    sql, params = rows.query.get_compiler("default", elide_empty=False).as_sql()
    return sql, params
