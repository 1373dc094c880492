"""How far the log of events can be read without missing one.

Ids are given when an event is written and become visible when its transaction commits, so a higher id may appear
before a lower one. Whoever reads on from the last id he saw would then miss the lower one. Therefore every
transaction says, before its first event, after which id its own will come, by a shared lock that ends with it; the
feed stops below the lowest of these. Nobody waits for anybody.
"""

from __future__ import annotations

from django.db import connection

_CLASS = 17_782
"""Sets these advisory locks apart from any others."""
_RANGE = 2**31
"""A lock holds 31 bits of the id, which is plenty: ids that are in flight at the same time are close together."""

# The sequence is read before the lock is taken and the id is given after it, so the id is always above.
_ANNOUNCE = f"""
    SELECT CASE WHEN coalesce(current_setting('activity.announced', true), '') = ''
        THEN set_config('activity.announced', 'yes', true)
            || pg_advisory_xact_lock_shared({_CLASS}, ((ids.last_value - 1) %% {_RANGE})::int)::text END
    FROM activity_event_id_seq AS ids
"""
_LAST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM activity_event_id_seq"
# What this transaction has written itself it can see anyway.
_ANNOUNCED = f"""
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {_CLASS} AND objsubid = 2 AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def announce() -> None:
    """Say that this transaction is about to write events. Once is enough; again it does nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ANNOUNCE, [])


def settled() -> int:
    """The id up to which nothing will be added any more. Ask before the query that reads the events.

    An id up to `last` was given before we looked. Its transaction held its lock by then, and either still does,
    or has committed and is seen by the query that follows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        (last,) = cursor.fetchone()
        cursor.execute(_ANNOUNCED)
        floors = [last + _distance(last, floor) for (floor,) in cursor.fetchall()]
    return int(min([last, *floors]))


def _distance(last: int, floor: int) -> int:
    """From an id to one near it of which only the lower bits are known."""
    ahead: int = (floor - last) % _RANGE
    return ahead - _RANGE if ahead >= _RANGE // 2 else ahead
