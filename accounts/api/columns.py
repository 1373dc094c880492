"""Columns of rows, by SQL of which all but “which rows” is kept.

The columns of a ticket, with its tags, followers and custom fields, take Django longer to put together than PostgreSQL
to look up. They are the same for everybody; which rows there are for somebody is asked anew each time, within the
statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from accounts.among import among
from accounts.kept import answering


@dataclass(frozen=True, slots=True)
class Columns:
    names: list[str]
    compiler: SQLCompiler
    sql: str
    values: tuple[Any, ...]

    def load(self, rows: QuerySet[Any], ids: Collection[int]) -> Iterable[dict[str, Any]]:
        """Of those of these rows that have such an id."""
        try:
            those, values = _which(rows, ids)
        except EmptyResultSet:
            return []
        asked = answering(self.compiler, f"{self.sql}({those})", (*self.values, *values))
        return (dict(zip(self.names, row, strict=False)) for row in asked.results_iter())


def columns(shown: QuerySet[Any, Any]) -> Columns:
    """Those that a query of `values()` has."""
    those = among([])
    asked = shown.order_by().filter(pk__in=those).query
    compiler = asked.get_compiler("default")
    sql, values = compiler.as_sql()
    start = sql.removesuffix(f"({those.sql})")
    assert start != sql, "Which rows is said last, so that its values are the last, too."
    return Columns(list(asked.selected or ()), compiler, start, tuple(values[:-1]))


def _which(rows: QuerySet[Any], ids: Collection[int]) -> tuple[str, tuple[Any, ...]]:
    wanted = among(ids)
    if not rows.query.where:
        return wanted.sql, tuple(wanted.params)
    return rows.order_by().filter(pk__in=wanted).values("pk").query.sql_with_params()
