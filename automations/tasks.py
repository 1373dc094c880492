"""What happens at its time: webhooks are told, triggers count hours, and what is old is forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app as queue

from automations import outbox
from automations.actions import count_hours, forget_old_deliveries, forget_old_runs
from automations.delivering import dispatcher

KEEP_DELIVERIES = timedelta(days=30)


@queue.periodic(cron="* * * * *")
@queue.task(name=outbox.TASK, queueing_lock=outbox.TASK, pass_context=True)
def deliver_webhooks(context: JobContext | None = None, timestamp: int = 0) -> None:
    """Woken by every event that somebody wants to be told of; each minute besides, for what lost its worker."""
    if not connection.in_atomic_block:
        close_old_connections()  # This thread may have waited for a long time with one that is broken by now.
    dispatcher.deliver(should_stop=lambda: context is not None and context.should_abort())


@queue.periodic(cron="37 * * * *")
@queue.task(name="automations.forget_old_deliveries", queueing_lock="automations.forget_old_deliveries")
def forget_deliveries(timestamp: int) -> None:
    forget_old_deliveries(timezone.now() - KEEP_DELIVERIES)


@queue.periodic(cron="* * * * *")
@queue.task(name="automations.count_hours", queueing_lock="automations.count_hours")
def count(timestamp: int) -> None:
    count_hours()


@queue.periodic(cron="29 3 * * *")
@queue.task(name="automations.forget_old_runs", queueing_lock="automations.forget_old_runs")
def forget_runs(timestamp: int) -> None:
    forget_old_runs()
