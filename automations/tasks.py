"""What happens at its time: triggers count hours, and old runs are forgotten."""

from __future__ import annotations

from procrastinate.contrib.django import app as queue

from automations.actions import count_hours, forget_old_runs


@queue.periodic(cron="* * * * *")
@queue.task(name="automations.count_hours", queueing_lock="automations.count_hours")
def count(timestamp: int) -> None:
    count_hours()


@queue.periodic(cron="29 3 * * *")
@queue.task(name="automations.forget_old_runs", queueing_lock="automations.forget_old_runs")
def forget_runs(timestamp: int) -> None:
    forget_old_runs()
