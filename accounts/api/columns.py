"""Columns of rows, by SQL of which all but “which rows” is kept.

The columns of a ticket, with its tags, followers and custom fields, take Django longer to put together than PostgreSQL
to look up. They are the same for everybody; which rows there are for somebody is asked anew each time, within the
statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.among import among


@dataclass(frozen=True, slots=True)
class Columns:
    names: list[str]
    sql: str
    values: tuple[Any, ...]
    converters: list[tuple[str, list[Callable[..., Any]], Any]]
    """Of columns whose values Python has otherwise than PostgreSQL: what converts them, and for which expression."""

    def load(self, rows: QuerySet[Any], ids: Collection[int]) -> list[dict[str, Any]]:
        """Of those of these rows that have such an id."""
        try:
            those, values = _which(rows, ids)
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql}({those})", (*self.values, *values))
            return [self._read(row) for row in cursor.fetchall()]

    def _read(self, row: tuple[Any, ...]) -> dict[str, Any]:
        read = dict(zip(self.names, row, strict=True))
        for name, converters, expression in self.converters:
            for convert in converters:
                read[name] = convert(read[name], expression, connection)
        return read


def columns(shown: QuerySet[Any, Any]) -> Columns:
    """Those that a query of `values()` has."""
    those = among([])
    asked = shown.order_by().filter(pk__in=those).query
    compiler = asked.get_compiler("default")
    sql, values = compiler.as_sql()
    start = sql.removesuffix(f"({those.sql})")
    assert start != sql, "Which rows is said last, so that its values are the last, too."
    names = list(asked.selected or ())
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select or ()])
    return Columns(
        names, start, tuple(values[:-1]), [(names[place], *how) for place, how in converters.items()]
    )


def _which(rows: QuerySet[Any], ids: Collection[int]) -> tuple[str, tuple[Any, ...]]:
    wanted = among(ids)
    if not rows.query.where:
        return wanted.sql, tuple(wanted.params)
    return rows.order_by().filter(pk__in=wanted).values("pk").query.sql_with_params()
