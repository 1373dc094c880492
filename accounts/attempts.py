"""Counting what must not be tried too often: sign-ins, reset mails, wrong API secrets."""

from __future__ import annotations

import time

from django.db import connection

_COUNT = """
    INSERT INTO accounts_attemptwindow AS kept (bucket, "window", count) VALUES (%(bucket)s, %(window)s, 1)
    ON CONFLICT (bucket) DO UPDATE SET
        count = CASE WHEN kept."window" = excluded."window" THEN kept.count + 1 ELSE 1 END,
        "window" = excluded."window"
    RETURNING count
"""


def too_many(bucket: str, *, limit: int, seconds: int) -> bool:
    """Count one attempt in `bucket`; true when it is more than `limit` in the current window of `seconds`.

    One statement, so that parallel attempts in several processes cannot slip through together.
    """
    window = int(time.time()) // seconds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"bucket": bucket[:300], "window": window})
        (count,) = cursor.fetchone()
    return bool(count > limit)


def forget(bucket: str) -> None:
    """Start again at zero: a success proves that the earlier failures were typing errors."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attemptwindow WHERE bucket = %s", [bucket[:300]])
