"""What happens at its time: old figures go, and owners hear of keys that expire."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app as queue

from activity.actor import system_actor
from apitokens import usage
from apitokens.actions import tokens, warn_of_all_that_expire


@queue.periodic(cron="17 * * * *")
@queue.task(name="apitokens.forget_old_usage", queueing_lock="apitokens.forget_old_usage")
def forget_old_usage(timestamp: int) -> None:
    usage.forget_old(timezone.now())


@queue.periodic(cron="23 * * * *")
@queue.task(name="apitokens.forget_expired_tokens", queueing_lock="apitokens.forget_expired_tokens")
def forget_expired_tokens(timestamp: int) -> None:
    tokens.forget_expired(timezone.now())


@queue.periodic(cron="11 * * * *")
@queue.task(name="apitokens.warn_of_expiry", queueing_lock="apitokens.warn_of_expiry")
def warn_of_expiry(timestamp: int) -> None:
    """Every hour, so that a night without a worker costs no warning."""
    warn_of_all_that_expire(actor=system_actor())
