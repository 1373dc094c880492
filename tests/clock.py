"""Rates are counted by minutes of the clock, and use by its days: what a test counts must not end in the next one."""

from __future__ import annotations

import time


def wait_for_room_in_the_minute(seconds: int) -> None:
    """Return at a moment when the current minute lasts at least this long still."""
    _wait_for_room(seconds, of=60)


def wait_for_room_in_the_day(seconds: int) -> None:
    """Return at a moment when the current day, of UTC, lasts at least this long still."""
    _wait_for_room(seconds, of=24 * 60 * 60)


def _wait_for_room(seconds: int, *, of: int) -> None:
    left = of - time.time() % of
    if left < seconds:
        time.sleep(left + 0.1)
