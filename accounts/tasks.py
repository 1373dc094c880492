"""Housekeeping: what has expired is forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app as queue

from accounts import attempts
from accounts.api import idempotency
from accounts.models import Notification, SignInLink
from accounts.sessions import SessionStore

KEEP_LINKS = timedelta(days=30)
KEEP_NOTIFICATIONS = timedelta(days=90)


@queue.periodic(cron="41 * * * *")
@queue.task(name="accounts.forget_expired", queueing_lock="accounts.forget_expired")
def forget_expired(timestamp: int) -> None:
    """Sessions, counted attempts, answers kept for repetition, links that nobody can use any more, and old news."""
    SessionStore.clear_expired()
    attempts.forget_ended()
    idempotency.forget_old()
    SignInLink.objects.filter(expires_at__lt=timezone.now() - KEEP_LINKS).delete()
    Notification.objects.filter(created_at__lt=timezone.now() - KEEP_NOTIFICATIONS).delete()
