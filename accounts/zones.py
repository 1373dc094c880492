"""The time zone that somebody looks from: what his browser said, in a cookie. Without one it is UTC."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest


def zone_of(request: HttpRequest) -> ZoneInfo:
    name = request.COOKIES.get("zone", "")
    return ZoneInfo(name if name in _known() else settings.TIME_ZONE)


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
