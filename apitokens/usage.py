"""What is known about the use of keys, beyond their last fifty requests: asked of rows that every request counts in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from apitokens.models import ApiKey, SeenAddress, Which

SHOWN = 50


def still_with_the_old_secret(key: ApiKey, *, since: datetime) -> QuerySet[SeenAddress]:
    """From where, and by which programs, the old secret was used since the rotation; the latest first."""
    rows = SeenAddress.objects.filter(key=key, secret=Which.PREVIOUS, last_at__gte=since)
    return rows.order_by("-last_at")[:SHOWN]
