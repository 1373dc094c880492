"""The two writes of every request of a credential: its place in the rate window, and its line in the log.

Both stand outside the request's own transaction, so a failed request is counted and logged too. They may lose
their last moment when the database crashes (`synchronous_commit` off, for these statements alone): waiting for
the disk twice per request would cost more than such a loss.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import DatabaseError
from django.db.models import Model

from apitokens.hot_path import fetch, run
from apitokens.models import (
    RING_SIZE,
    ConsentDailyUse,
    ConsentRequest,
    ConsentSeenAddress,
    ConsentUsage,
    ConsentUsedScope,
    DailyUse,
    KeyUsage,
    LoggedRequest,
    SeenAddress,
    UsedScope,
)

logger = logging.getLogger(__name__)


class Ledger(Enum):
    """Whose requests are counted and logged where: those of a key, or of an application for an agent."""

    KEY = "key_id", KeyUsage, LoggedRequest, DailyUse, SeenAddress, UsedScope
    CONSENT = (
        "consent_id", ConsentUsage, ConsentRequest, ConsentDailyUse, ConsentSeenAddress, ConsentUsedScope,
    )  # fmt: skip

    def __init__(self, owner: str, *kept: type[Model]) -> None:
        self.owner = owner
        self.tables = dict(
            zip(
                ("usage", "log", "days", "addresses", "scopes"),
                (one._meta.db_table for one in kept),
                strict=True,
            )
        )


_METER = """
    UPDATE {usage} AS usage SET
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
    WHERE usage.{owner} = %(owner)s
    RETURNING usage.sequence, usage.allowed, usage.window_count,
        ((clock.minute + 1) * 60)::bigint, extract(epoch FROM clock.time)::float8
"""

_NUMBER = """
    UPDATE {usage} AS usage SET sequence = usage.sequence + 1
    FROM (SELECT set_config('synchronous_commit', 'off', true) AS commit) AS clock
    WHERE usage.{owner} = %(owner)s
    RETURNING usage.sequence
"""

_COLUMNS = (
    "slot", "sequence", "at", "method", "path", "query", "operation", "status", "code", "reason",
    "duration_ms", "size", "address", "user_agent", "request_id", "scheme", "agent_id", "agent_source",
    "required_scope", "replayed", "secret",
)  # fmt: skip
# The day's count, the address and the scopes ride along, so that they cost no statement of their own; most requests
# find the address and the scopes noted already. Whoever comes at the same time takes these rows in the same order.
# Requests may finish in another order than they began: a slot keeps the request with the highest number.
_COUNTS = """
    WITH counted AS (
        INSERT INTO {days} AS kept ({owner}, day, operation, outcome, requests)
        VALUES (%(owner)s, %(day)s, %(operation)s, %(status)s / 100, 1)
        ON CONFLICT ({owner}, day, operation, outcome) DO UPDATE SET requests = kept.requests + 1
    ), seen AS (
        INSERT INTO {addresses} AS kept ({owner}, secret, address, user_agent, first_at, last_at)
        SELECT %(owner)s, %(secret)s, %(address)s, %(user_agent)s, %(at)s, %(at)s WHERE %(admitted)s
        ON CONFLICT ({owner}, secret, address, user_agent) DO UPDATE SET last_at = excluded.last_at
        WHERE kept.last_at < excluded.last_at - interval '1 minute'
    ), used AS (
        INSERT INTO {scopes} AS kept ({owner}, permission, last_day)
        SELECT %(owner)s, permission, %(day)s FROM unnest(%(scopes)s::text[]) AS permission
        ON CONFLICT ({owner}, permission) DO UPDATE SET last_day = excluded.last_day
        WHERE kept.last_day < excluded.last_day
    )
"""
"""What is kept for longer than the log: health is read from it."""

_LOG = f"""
    INSERT INTO {{log}} AS kept ({{owner}}, {", ".join(_COLUMNS)})
    SELECT %(owner)s, {", ".join(f"%({column})s" for column in _COLUMNS)}
    FROM (SELECT set_config('synchronous_commit', 'off', true) AS commit) AS clock
    ON CONFLICT ({{owner}}, slot) DO UPDATE SET
        {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])}
    WHERE excluded.sequence > kept.sequence
"""


def _of(ledger: Ledger, sql: str) -> str:
    return sql.format(owner=ledger.owner, **ledger.tables)


_METERS = {ledger: _of(ledger, _METER) for ledger in Ledger}
_NUMBERS = {ledger: _of(ledger, _NUMBER) for ledger in Ledger}
_LOGS = {ledger: _of(ledger, _COUNTS + _LOG) for ledger in Ledger}


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of counting one request: its number, whether it is within the limit, and the window."""

    sequence: int
    allowed: bool
    used: int
    reset: int
    seconds_left: int


def meter(ledger: Ledger, owner: int, *, limit: int, address: str | None) -> Reading:
    """Count a request against `limit` per minute, atomically over all processes. A refused one does not count."""
    sequence, allowed, used, reset, now = _one(
        _METERS[ledger], {"owner": owner, "limit": limit, "address": address}
    )
    return Reading(sequence, allowed, used, reset, max(1, reset - int(now)))


def number(ledger: Ledger, owner: int) -> int:
    """Give a request that was refused before its rate mattered its place in the log."""
    (sequence,) = _one(_NUMBERS[ledger], {"owner": owner})
    return int(sequence)


def log(ledger: Ledger, owner: int, sequence: int, entry: dict[str, Any]) -> None:
    """Write a request into the credential's ring of 50, and into its counts. Never fails the request.

    Besides the columns, `entry` holds `scopes`, the permissions that it needed, and `admitted`: whether it was
    let in, so that its address counts among those it is used from.
    """
    row = {
        "owner": owner,
        "slot": sequence % RING_SIZE,
        "sequence": sequence,
        "day": entry["at"].date(),
        **entry,
    }
    try:
        run(_LOGS[ledger], row)
    except DatabaseError:
        logger.exception(
            "Request %s of %s %s could not be logged.", entry.get("request_id"), ledger.owner, owner
        )


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...]:
    row = fetch(sql, params)
    if row is None:
        raise LookupError(f"Credential {params['owner']} has no usage row.")
    return row
