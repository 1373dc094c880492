"""What happens at its time: snoozed tickets come back; files that were never sent, or that no row knows, go."""

from __future__ import annotations

from procrastinate.contrib.django import app as queue

from tickets.actions import forget_orphan_files, forget_unsent_uploads, wake_all_due


@queue.periodic(cron="* * * * *")
@queue.task(name="tickets.wake_snoozed", queueing_lock="tickets.wake_snoozed")
def wake_snoozed(timestamp: int) -> None:
    wake_all_due()


@queue.periodic(cron="23 * * * *")
@queue.task(name="tickets.forget_unsent_uploads", queueing_lock="tickets.forget_unsent_uploads")
def forget_unsent(timestamp: int) -> None:
    forget_unsent_uploads()
    forget_orphan_files()
