"""Housekeeping: files that were uploaded and never sent, or that no row knows."""

from __future__ import annotations

from procrastinate.contrib.django import app as queue

from tickets.actions import forget_orphan_files, forget_unsent_uploads


@queue.periodic(cron="23 * * * *")
@queue.task(name="tickets.forget_unsent_uploads", queueing_lock="tickets.forget_unsent_uploads")
def forget_unsent(timestamp: int) -> None:
    forget_unsent_uploads()
    forget_orphan_files()
