"""Sort orders that a list can be continued in from any row, however deep, at the same cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

Position = tuple[Any, int]
"""Where a row stands in an order, when it was read: (column's value, id)."""


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

    def after(self, position: Position) -> Q:
        """The rows that follow the row at `position`."""
        value, pk = position
        beyond = "lt" if self.descending else "gt"
        if self.column == "id":
            return Q(**{f"id__{beyond}": pk})
        # The first condition is implied by the rest; it lets the database start in the middle of the index.
        return Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | Q(**{f"id__{beyond}": pk})
        )
