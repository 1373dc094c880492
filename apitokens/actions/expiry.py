"""Nobody should learn from an outage that a key has expired: who answers for it is told before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.permissions import Permission
from activity.actor import Actor
from activity.models import Event
from activity.recording import record
from apitokens.actions.keys import locked
from apitokens.models import ApiKey

WARN_DAYS = (3, 14)


def warn_of_all_that_expire(*, actor: Actor) -> None:
    """To be run often: of each expiry of a key there is one warning at 14 days and one at 3."""
    now = timezone.now()
    soon = now + timedelta(days=max(WARN_DAYS))
    for key in ApiKey.objects.live().filter(expires_at__lte=soon).order_by("pk"):
        warn_of_expiry(key, actor=actor)


@transaction.atomic
def warn_of_expiry(key: ApiKey, *, actor: Actor) -> None:
    """Record that the key expires soon, once for each number of days; the mail hangs on that event."""
    key = locked(key, actor, Permission.KEYS_WRITE)
    days = _due(key, timezone.now())
    if days is None or key.expires_at is None:
        return
    facts: dict[str, Any] = {"days": days, "expires_at": key.expires_at.isoformat()}
    if not Event.objects.about(key).filter(type="key.expiring", facts__contains=facts).exists():
        record(actor, "key.expiring", key, **facts)


def _due(key: ApiKey, now: datetime) -> int | None:
    """The smaller of the numbers of days that the key has left at most, if it has so few and works."""
    if key.expires_at is None or key.state != "live":
        return None
    left = key.expires_at - now
    return next((days for days in WARN_DAYS if left <= timedelta(days=days)), None)
