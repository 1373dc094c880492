"""What happens at its time: held replies go out, snoozed tickets come back, files that nobody sent or knows go."""

from __future__ import annotations

from procrastinate.contrib.django import app as queue

from tickets.actions import (
    deliver_due,
    forget_orphan_files,
    forget_unsent_uploads,
    forget_who_left,
    wake_all_due,
)


@queue.periodic(cron="* * * * *")
@queue.task(name="tickets.wake_snoozed", queueing_lock="tickets.wake_snoozed")
def wake_snoozed(timestamp: int) -> None:
    wake_all_due()


@queue.periodic(cron="* * * * *")
@queue.task(name="tickets.deliver_due", queueing_lock="tickets.deliver_due")
def deliver_held(timestamp: int) -> None:
    """Each has a task of its own; this one is for what a lost task left behind."""
    deliver_due()


@queue.periodic(cron="23 * * * *")
@queue.task(name="tickets.forget_unsent_uploads", queueing_lock="tickets.forget_unsent_uploads")
def forget_unsent(timestamp: int) -> None:
    forget_unsent_uploads()
    forget_orphan_files()
    forget_who_left()
