"""Times on pages are those of the agent's own time zone: the one he chose, else his browser's, else UTC."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Agent


def in_the_agents_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. Asks for the agent only where there is a session, and never at the API, whose times are UTC."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith("/api/"):
            return get_response(request)
        with timezone.override(zone_of(request.user) or zone_of_browser(request)):
            return get_response(request)

    return answer


def zone_of(agent: object) -> zoneinfo.ZoneInfo | None:
    """The agent's time zone; None for whoever has chosen none. One that no longer exists is none."""
    return _zone(agent.time_zone) if isinstance(agent, Agent) else None


def zone_of_browser(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """What the browser said by a cookie (`times.js`)."""
    return _zone(request.COOKIES.get("zone", ""))


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    return zoneinfo.ZoneInfo(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    """Asked for once: it reads a folder."""
    return frozenset(zoneinfo.available_timezones())
