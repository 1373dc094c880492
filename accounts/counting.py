"""How many rows many queries hold, in one statement that stops counting early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def capped_counts(selections: Sequence[QuerySet[Any]], cap: int) -> list[int]:
    """The number of rows of each, up to `cap` + 1."""
    if not selections:
        return []
    queries = [_statement(rows, cap) for rows in selections]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS v{i})" for i, (sql, _values) in enumerate(queries))
    params = [value for _sql, values in queries for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", params)
        return list(cursor.fetchone())


def _statement(rows: QuerySet[Any], cap: int) -> tuple[str, Sequence[Any]]:
    first = rows.order_by().values_list("pk", flat=True)[: cap + 1]
    # Django would rather raise than compile a condition that nothing meets, such as “in one of no teams”.
    sql, params = first.query.get_compiler("default", elide_empty=False).as_sql()
    return sql, params
