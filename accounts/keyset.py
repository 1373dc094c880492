"""Sort orders that a list can be continued in from any row, however deep, at the same cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order: one indexed column, ties broken by id in the same direction."""

    column: str
    descending: bool = True

    @property
    def terms(self) -> tuple[str, ...]:
        """For `order_by`."""
        sign = "-" if self.descending else ""
        return (f"{sign}id",) if self.column == "id" else (f"{sign}{self.column}", f"{sign}id")

    def after(self, position: Sequence[Any]) -> Q:
        """The rows that follow the row at `position`: (column's value, id)."""
        value, pk = position
        beyond = "lt" if self.descending else "gt"
        if self.column == "id":
            return Q(**{f"id__{beyond}": pk})
        # The first condition is implied by the rest; it lets the database start in the middle of the index.
        return Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | Q(**{f"id__{beyond}": pk})
        )

    def position(self, row: Any) -> tuple[Any, int]:
        """Where a row (a model instance or a mapping) stands in this order."""
        if isinstance(row, dict):
            return row[self.column], row["id"]
        return getattr(row, self.column), row.pk
