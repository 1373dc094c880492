"""Windows of rates are minutes of the clock: a test that fills one must not begin just before it ends."""

from __future__ import annotations

import time


def wait_for_room_in_the_minute(seconds: int) -> None:
    """Return at a moment when the current minute lasts at least this long still."""
    left = 60 - time.time() % 60
    if left < seconds:
        time.sleep(left + 0.1)
