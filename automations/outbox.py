"""From an event to its deliveries: rows that are written with the event, and a task that is woken once it stands."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app as queue
from procrastinate.exceptions import AlreadyEnqueued

from activity.models import Event

TASK = "automations.deliver_webhooks"

_POST = """
    INSERT INTO automations_delivery
        (webhook_id, event_id, type, state, created_at, due_at, attempts, tries, reason)
    SELECT id, %s, %s, 'pending', %s, %s, 0, 0, '' FROM automations_webhook
    WHERE disabled_at IS NULL AND types && %s::varchar[]
    ON CONFLICT (event_id, webhook_id) DO NOTHING
"""


def follow(event: Event) -> None:
    """Note for every webhook that wants this event that it is to be told. One statement in the event's transaction."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_POST, [event.pk, event.type, now, now, patterns(event.type)])
        if cursor.rowcount:
            wake_after_commit()


def patterns(kind: str) -> list[str]:
    """What a webhook may have chosen to be told of events of this type."""
    return [kind, f"{kind.partition('.')[0]}.*", "*"]


def wake_after_commit() -> None:
    """Once for a transaction, however many events it has. Should it be lost, the next minute's round finds them."""
    now = set(connection.savepoint_ids)
    if not any(hook[1] is wake and hook[0] <= now for hook in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)


def wake(at: datetime | None = None) -> None:
    """Have a worker look for what is due. One such task in the queue is enough; a later one has a place of its own."""
    lock = TASK if at is None else f"{TASK}@{int(at.timestamp())}"
    with suppress(AlreadyEnqueued), transaction.atomic():
        queue.configure_task(TASK, queueing_lock=lock, schedule_at=at).defer(timestamp=0)
