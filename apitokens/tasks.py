"""What happens at its time: old figures go."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app as queue

from apitokens import usage


@queue.periodic(cron="17 * * * *")
@queue.task(name="apitokens.forget_old_usage", queueing_lock="apitokens.forget_old_usage")
def forget_old_usage(timestamp: int) -> None:
    usage.forget_old(timezone.now())
