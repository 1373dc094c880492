"""How many rows many queries hold, in one statement that stops counting early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Count:
    """The count of some rows as SQL, for whoever asks for the same again: making it takes longer than counting."""

    sql: str
    values: tuple[Any, ...]


def count_of(rows: QuerySet[Any], cap: int) -> Count:
    first = rows.order_by().values_list("pk", flat=True)[: cap + 1]
    # Django would rather raise than compile a condition that nothing meets, such as “in one of no teams”.
    sql, params = first.query.get_compiler("default", elide_empty=False).as_sql()
    return Count(sql, tuple(params))


def counted(counts: Sequence[Count]) -> list[int]:
    """The number of rows of each, up to its cap + 1."""
    if not counts:
        return []
    columns = ", ".join(f"(SELECT count(*) FROM ({one.sql}) AS v{i})" for i, one in enumerate(counts))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for one in counts for value in one.values])
        return list(cursor.fetchone())


def capped_counts(selections: Sequence[QuerySet[Any]], cap: int) -> list[int]:
    """The number of rows of each, up to `cap` + 1."""
    return counted([count_of(rows, cap) for rows in selections])
