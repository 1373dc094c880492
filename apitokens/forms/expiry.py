"""How a form asks when a key expires: in some days, on a day, never, or as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apitokens.models import ApiKey

DAYS = (30, 60, 90)


def expiry_choices(key: ApiKey) -> list[tuple[str, str]]:
    presets = [(str(days), _("In %d days") % days) for days in DAYS]
    return [*_as_now(key), *presets, ("date", _("On a day")), ("never", _("Never"))]


def _as_now(key: ApiKey) -> list[tuple[str, str]]:
    if not key.pk:
        return []
    expires = key.expires_at
    when = date_format(timezone.localtime(expires), "DATETIME_FORMAT") if expires else _("never")
    return [("keep", _("As now: %s") % when)]


def expires_at(cleaned: Mapping[str, Any], *, before: ApiKey) -> datetime | None:
    """The time that was chosen."""
    match cleaned.get("expiry"):
        case "keep":
            return before.expires_at
        case "date" if cleaned.get("expiry_date"):
            return timezone.make_aware(datetime.combine(cleaned["expiry_date"], time(23, 59, 59)))
        case str(days) if days.isdecimal():
            return timezone.now() + timedelta(days=int(days))
    return None
