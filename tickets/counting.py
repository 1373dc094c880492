"""How many tickets many selections hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.counting import capped_counts
from tickets import policy
from tickets.lists import Selection

COUNT_CAP = 1_000
"""Counts stop here and are shown as “1,000+”."""


def count_each(selections: Sequence[Selection], beside: Sequence[QuerySet[Any]] = ()) -> list[int]:
    """The number of tickets of each and of the rows `beside` them, up to COUNT_CAP + 1, by one statement."""
    rows = [policy.visible(selection.actor).filter(selection.whole()) for selection in selections]
    return capped_counts([*rows, *beside], COUNT_CAP)
