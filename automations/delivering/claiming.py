"""Which deliveries a worker takes next. Whatever it takes comes back by itself if it never says what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from automations.models import Delivery

LEASE_SECONDS = 30
"""Longer than any attempt takes. Then the worker is taken for dead, and the delivery is anybody's again."""

AT_ONCE = 8
"""Requests to one webhook at the same time, over all workers."""

TROUBLED = 3
"""After so many failures in a row there is one request at a time: a dead receiver occupies next to nobody."""

# The row of the webhook is held for this statement, so that two workers do not count its free places at once. One
# that is held by somebody else is left for the next round, a quarter of a second later, and so is a delivery (whose
# claim has ended while its outcome is written down, say): nobody waits for anybody.
_CLAIM = f"""
    WITH open AS (
        SELECT hook.id, hook.disabled_at IS NULL AND coalesce(hook.resting_until <= %(now)s, true) AS is_open,
            CASE WHEN hook.failures >= {TROUBLED} THEN 1 ELSE {AT_ONCE} END - (
                SELECT count(*) FROM automations_delivery AS busy
                WHERE busy.webhook_id = hook.id AND busy.claimed_until > %(now)s
            ) AS places
        FROM automations_webhook AS hook
        WHERE EXISTS (
            SELECT 1 FROM automations_delivery AS waiting
            WHERE waiting.webhook_id = hook.id AND waiting.state = 'pending' AND waiting.due_at <= %(now)s
        )
        FOR NO KEY UPDATE OF hook SKIP LOCKED
    ), due AS (
        SELECT picked.id, row_number() OVER (PARTITION BY open.id ORDER BY picked.due_at, picked.id) AS turn
        FROM open CROSS JOIN LATERAL (
            SELECT id, due_at FROM automations_delivery
            WHERE webhook_id = open.id AND state = 'pending' AND due_at <= %(now)s
                AND coalesce(claimed_until <= %(now)s, true) AND (open.is_open OR event_id IS NULL)
            ORDER BY due_at, id LIMIT greatest(open.places, 0) FOR NO KEY UPDATE SKIP LOCKED
        ) AS picked
        ORDER BY turn LIMIT %(most)s
    )
    UPDATE automations_delivery AS taken
    SET claimed_until = %(until)s, attempts = taken.attempts + 1, tries = taken.tries + 1
    FROM due
    WHERE taken.id = due.id AND taken.state = 'pending' AND coalesce(taken.claimed_until <= %(now)s, true)
    RETURNING taken.id
"""

# From the top of an index, and of the few that are claimed: asked after each event, it must not look through all that
# waits for a dead receiver.
_NEXT = """
    SELECT min(greatest(hook.resting_until, first.at))
    FROM automations_webhook AS hook CROSS JOIN LATERAL (
        SELECT least(
            (SELECT due_at FROM automations_delivery
             WHERE webhook_id = hook.id AND state = 'pending' AND claimed_until IS NULL ORDER BY due_at LIMIT 1),
            (SELECT min(greatest(due_at, claimed_until)) FROM automations_delivery
             WHERE webhook_id = hook.id AND state = 'pending' AND claimed_until IS NOT NULL)
        ) AS at
    ) AS first
    WHERE hook.disabled_at IS NULL AND first.at IS NOT NULL
"""


def claim(most: int) -> list[Delivery]:
    """Up to so many that are due, as many of each webhook as it has places, each webhook's first before any second."""
    now = timezone.now()
    until = now + timedelta(seconds=LEASE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": until, "most": most})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=ids).select_related("webhook").order_by("due_at", "pk"))


def next_due() -> datetime | None:
    """When something can be claimed next: that is due, of a webhook that may be called, and that nobody sends now."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        found: datetime | None = cursor.fetchone()[0]
    return found
