"""How many tickets many selections hold."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.counting import Count, count_of, counted
from tickets import policy
from tickets.lists import Selection

COUNT_CAP = 1_000
"""Counts stop here and are shown as “1,000+”."""


def count_of_tickets(selection: Selection) -> Count:
    return count_of(policy.visible(selection.actor).filter(selection.whole()), COUNT_CAP)


def count_each(selections: Sequence[Selection], beside: Sequence[Count] = ()) -> list[int]:
    """The number of tickets of each and of the rows `beside` them, up to COUNT_CAP + 1, by one statement."""
    return counted([*map(count_of_tickets, selections), *beside])
