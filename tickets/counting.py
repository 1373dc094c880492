"""How many tickets many selections hold."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.counting import capped_counts
from tickets import policy
from tickets.lists import Selection

COUNT_CAP = 1_000
"""Counts stop here and are shown as “1,000+”."""


def count_each(selections: Sequence[Selection]) -> list[int]:
    """The number of tickets of each, up to COUNT_CAP + 1, by one statement."""
    rows = [policy.visible(selection.actor).filter(selection.whole()) for selection in selections]
    return capped_counts(rows, COUNT_CAP)
