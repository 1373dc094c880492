"""What keys are needed for besides the requests that are made with them. Apps above say what they need them for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.permissions import Permission

READS = frozenset(permission.value for permission in Permission if permission.value.endswith(":read"))
"""What such a use may need of a key."""


@dataclass(frozen=True, slots=True)
class Use:
    words: str
    url: str
    """Its page in the admin."""
    last_at: datetime | None


Find = Callable[[Collection[int]], Iterable[tuple[int, Use]]]

_finders: list[Find] = []


def register(find: Find) -> None:
    """Let the uses of keys be found by the ids of these: with one query, however many."""
    _finders.append(find)


def of(ids: Collection[int]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = defaultdict(list)
    for find in _finders:
        for pk, use in find(ids):
            found[pk].append(use)
    return dict(found)


def last(uses: Iterable[Use]) -> Use | None:
    """The one that was last, if any ever was."""
    known = [(use.last_at, use) for use in uses if use.last_at is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None
