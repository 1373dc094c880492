"""Counting what must not be tried too often: sign-ins, reset mails, wrong API secrets."""

from __future__ import annotations

from django.db import connection

_COUNT = """
    INSERT INTO accounts_attemptwindow AS kept (bucket, count, ends_at)
    VALUES (%(bucket)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (bucket) DO UPDATE SET
        count = CASE WHEN kept.ends_at > clock_timestamp() THEN kept.count + 1 ELSE 1 END,
        ends_at = CASE WHEN kept.ends_at > clock_timestamp() THEN kept.ends_at ELSE excluded.ends_at END
    RETURNING count
"""


def too_many(bucket: str, *, limit: int, seconds: int) -> bool:
    """Count one attempt in `bucket`; true when it is more than `limit` since the window of `seconds` opened.

    The first attempt opens the window. One statement, so that parallel attempts in several processes cannot
    slip through together.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"bucket": bucket[:300], "seconds": seconds})
        (count,) = cursor.fetchone()
    return bool(count > limit)


def forget(bucket: str) -> None:
    """Start again at zero: a success proves that the earlier failures were typing errors."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attemptwindow WHERE bucket = %s", [bucket[:300]])


def forget_ended() -> None:
    """Remove the windows that have closed. Strangers can open as many as they have addresses."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attemptwindow WHERE ends_at < clock_timestamp()")
