"""How many tickets many selections hold, in one statement that stops counting early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from tickets import policy
from tickets.lists import Selection

COUNT_CAP = 1_000
"""Counts stop here and are shown as “1,000+”."""


def count_each(selections: Sequence[Selection]) -> list[int]:
    """The number of tickets of each, up to COUNT_CAP + 1."""
    if not selections:
        return []
    queries = [_statement(selection) for selection in selections]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS v{i})" for i, (sql, _values) in enumerate(queries))
    params = [value for _sql, values in queries for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", params)
        return list(cursor.fetchone())


def _statement(selection: Selection) -> tuple[str, Sequence[Any]]:
    rows = (
        policy.visible(selection.actor)
        .filter(selection.whole())
        .order_by()
        .values_list("pk")[: COUNT_CAP + 1]
    )
    # Django would rather raise than compile a condition that nothing meets, such as “in one of no teams”.
    sql, params = rows.query.get_compiler("default", elide_empty=False).as_sql()
    return sql, params
