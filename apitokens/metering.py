"""The two writes of every request of a key: its place in the rate window, and its line in the log and the counts.

Both stand outside the request's own transaction, so a failed request is counted and logged too. They may lose
their last moment when the database crashes (`synchronous_commit` off, for these statements alone): waiting for
the disk twice per request would cost more than such a loss.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError

from apitokens.hot_path import fetch, run
from apitokens.models import RING_SIZE

logger = logging.getLogger(__name__)

_METER = """
    UPDATE apitokens_keyusage AS usage SET
        sequence = usage.sequence + 1,
        allowed = clock.minute <> usage."window" OR usage.window_count < %(limit)s,
        window_count = CASE
            WHEN clock.minute <> usage."window" THEN 1
            WHEN usage.window_count < %(limit)s THEN usage.window_count + 1
            ELSE usage.window_count END,
        "window" = clock.minute,
        last_used_at = clock.time,
        last_address = %(address)s
    FROM (
        SELECT clock_timestamp() AS time,
            floor(extract(epoch FROM clock_timestamp()) / 60)::bigint AS minute,
            set_config('synchronous_commit', 'off', true) AS commit
    ) AS clock
    WHERE usage.key_id = %(key)s
    RETURNING usage.sequence, usage.allowed, usage.window_count,
        ((clock.minute + 1) * 60)::bigint, extract(epoch FROM clock.time)::float8
"""

_NUMBER = """
    UPDATE apitokens_keyusage AS usage SET sequence = usage.sequence + 1
    FROM (SELECT set_config('synchronous_commit', 'off', true) AS commit) AS clock
    WHERE usage.key_id = %(key)s
    RETURNING usage.sequence
"""

_COLUMNS = (
    "key_id", "slot", "sequence", "at", "method", "path", "query", "operation", "status", "code", "reason",
    "duration_ms", "size", "address", "user_agent", "request_id", "scheme", "agent_id", "agent_source",
    "required_scope", "replayed", "secret",
)  # fmt: skip
# The day's count, the address and the scopes ride along, so that they cost no statement of their own; most requests
# find the address and the scopes noted already. Whoever comes at the same time takes these rows in the same order.
# Requests may finish in another order than they began: a slot keeps the request with the highest number.
_LOG = f"""
    WITH counted AS (
        INSERT INTO apitokens_dailyuse AS kept (key_id, day, operation, outcome, requests)
        VALUES (%(key_id)s, %(day)s, %(operation)s, %(status)s / 100, 1)
        ON CONFLICT (key_id, day, operation, outcome) DO UPDATE SET requests = kept.requests + 1
    ), seen AS (
        INSERT INTO apitokens_seenaddress AS kept (key_id, secret, address, user_agent, first_at, last_at)
        SELECT %(key_id)s, %(secret)s, %(address)s, %(user_agent)s, %(at)s, %(at)s WHERE %(admitted)s
        ON CONFLICT (key_id, secret, address, user_agent) DO UPDATE SET last_at = excluded.last_at
        WHERE kept.last_at < excluded.last_at - interval '1 minute'
    ), used AS (
        INSERT INTO apitokens_usedscope AS kept (key_id, permission, last_day)
        SELECT %(key_id)s, permission, %(day)s FROM unnest(%(scopes)s::text[]) AS permission
        ON CONFLICT (key_id, permission) DO UPDATE SET last_day = excluded.last_day
        WHERE kept.last_day < excluded.last_day
    )
    INSERT INTO apitokens_loggedrequest AS kept ({", ".join(_COLUMNS)})
    SELECT {", ".join(f"%({column})s" for column in _COLUMNS)}
    FROM (SELECT set_config('synchronous_commit', 'off', true) AS commit) AS clock
    ON CONFLICT (key_id, slot) DO UPDATE SET
        {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:])}
    WHERE excluded.sequence > kept.sequence
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of counting one request: its number, whether it is within the limit, and the window."""

    sequence: int
    allowed: bool
    used: int
    reset: int
    seconds_left: int


def meter(key_id: int, *, limit: int, address: str | None) -> Reading:
    """Count a request against `limit` per minute, atomically over all processes. A refused one does not count."""
    sequence, allowed, used, reset, now = _one(_METER, {"key": key_id, "limit": limit, "address": address})
    return Reading(sequence, allowed, used, reset, max(1, reset - int(now)))


def number(key_id: int) -> int:
    """Give a request that was refused before its rate mattered its place in the log."""
    (sequence,) = _one(_NUMBER, {"key": key_id})
    return int(sequence)


def log(key_id: int, sequence: int, entry: dict[str, Any]) -> None:
    """Write a request into the key's ring of 50 and into its counts. Never fails the request.

    Besides the columns, `entry` holds `scopes`, the permissions that it needed, and `admitted`: whether the key was
    let in, so that its address counts among those it is used from.
    """
    row = {
        "key_id": key_id,
        "slot": sequence % RING_SIZE,
        "sequence": sequence,
        "day": entry["at"].date(),
        **entry,
    }
    try:
        run(_LOG, row)
    except DatabaseError:
        logger.exception("Request %s of key %s could not be logged.", entry.get("request_id"), key_id)


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...]:
    row = fetch(sql, params)
    if row is None:
        raise LookupError(f"Key {params['key']} has no usage row.")
    return row
