from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    Paginator = paginator.Paginator[Any]
else:
    Paginator = paginator.Paginator

CAP = 10_000
"""How far lists in the admin count and can be paged: counting a million rows would make each page wait."""


class CappedPaginator(Paginator):
    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:CAP].count())

    @property
    def is_capped(self) -> bool:
        return self.count == CAP
