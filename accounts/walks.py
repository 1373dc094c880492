"""Rows in an order, from the top of one index or of several, and how many there are.

The statements are put together here: of the parts of a UNION, which are counted as well, Django would put each together
twice, and need longer for that than PostgreSQL for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.keyset import Order, Position


@dataclass(frozen=True, slots=True)
class _Part:
    """The order's column and the id of some rows."""

    sql: str
    values: tuple[Any, ...]


class Walk:
    """The rows of all branches together. No row is in two of them."""

    def __init__(self, branches: Sequence[QuerySet[Any, Any]], order: Order) -> None:
        self._parts = [part for rows in branches if (part := _part(rows, order))]
        self._by = "ORDER BY 1 DESC, 2 DESC" if order.descending else "ORDER BY 1, 2"

    def positions(self, *, offset: int = 0, limit: int) -> list[Position]:
        """Where the first `limit` rows after `offset` stand. Their ids and places come from one look at them."""
        return self._asked(self._top(offset, limit), self._values) if self._parts else []

    def page(self, *, offset: int, limit: int, cap: int) -> tuple[list[Position], int]:
        """The same, and how many rows there are, counted up to `cap`: one statement."""
        if not self._parts:
            return [], 0
        page, count = self._top(offset, limit), self._count(cap)
        sql = f"WITH page AS ({page}) SELECT page.*, ({count}) FROM page {self._by}"
        rows = self._asked(sql, self._values * 2)
        if rows:
            return [(value, pk) for value, pk, _total in rows], rows[0][2]
        return [], self.count(cap) if offset else 0

    def count(self, cap: int) -> int:
        if not self._parts:
            return 0
        ((total,),) = self._asked(self._count(cap), self._values)
        return int(total)

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple(value for part in self._parts for value in part.values)

    def _top(self, offset: int, limit: int) -> str:
        """Of each branch as many as could be on the page, merged."""
        of_each = f"{self._by} LIMIT {offset + limit}" if len(self._parts) > 1 else ""
        tops = _union(f"{part.sql} {of_each}" for part in self._parts)
        return f"{tops} {self._by} LIMIT {limit} OFFSET {offset}"

    def _count(self, cap: int) -> str:
        # Without columns, so that an index is enough to count.
        rows = _union(f"SELECT 1 FROM ({part.sql}) AS branch" for part in self._parts)
        return f"SELECT count(*) FROM ({rows} LIMIT {cap}) AS counted"

    @staticmethod
    def _asked(sql: str, values: Sequence[Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows: list[Any] = cursor.fetchall()
        return rows


def _union(parts: Iterable[str]) -> str:
    return " UNION ALL ".join(f"({sql})" for sql in parts)


def _part(rows: QuerySet[Any, Any], order: Order) -> _Part | None:
    """None where a condition holds for nothing, of which Django makes no SQL."""
    try:
        sql, values = rows.order_by().values_list(order.column, "pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    return _Part(sql, tuple(values))
