"""The last 50 requests of a credential, each in words, and what came of it: for the pages of keys and of consents."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import actor_of, may_read_history
from accounts.history import visible_events
from activity.models import Event
from apitokens.admin.pages import asked
from apitokens.models import RING_SIZE
from apitokens.models.request_log import LoggedRequest, LogLine

L = TypeVar("L", bound=LogLine)

CLASSES = {"2": _("Succeeded"), "3": _("Not modified"), "4": _("Refused"), "5": _("Failed")}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_SEARCHED = (
    "path",
    "query",
    "operation",
    "code",
    "reason",
    "request_id",
    "user_agent",
    "address",
    "agent__name",
)
_SLACK = timedelta(seconds=2)
"""The clocks of the web processes and of the log may differ by as much."""

RULES = {
    "insufficient_scope": _("the key’s scopes or operations"),
    "agent_permission": _("the role of the acting agent"),
    "ip_not_allowed": _("the addresses that the key or the helpdesk admits"),
    "plan_required": _("the helpdesk’s plan"),
    "quota_exceeded": _("the rate"),
    "revoked": _("the key’s state"),
    "suspended": _("the key’s state"),
    "expired": _("the key’s state"),
    "agent_disabled": _("the agent that the key acts as"),
    "agent_override_not_allowed": _("the kind of the key"),
    "agent_unavailable": _("the agent that the request named"),
    "agent_required": _("the agent, which the request did not name"),
    "https_required": _("the connection"),
    "not_found": _("what exists for the acting agent"),
    "stale_version": _("the version of the row"),
    "invalid": _("what was sent"),
}
"""What decided, for each reason of a refusal that needs more than its own name."""

REMEDIES = {
    "insufficient_scope": _("Allow the key the scope and the operation, or let the program leave it."),
    "agent_permission": _("Let the role of the agent allow it, or let the key act as somebody else."),
    "ip_not_allowed": _(
        "Is this the program? Then add its address to the key’s, and to the helpdesk’s if it has any."
    ),
    "plan_required": _("Change the plan, or start a trial, in the helpdesk’s settings."),
    "quota_exceeded": _("Let the program wait as long as Retry-After says, or allow the key more a minute."),
    "revoked": _("Create a new key for the program."),
    "suspended": _("Regenerate the key, and give the program the new secret."),
    "expired": _("Give the key a later expiry: its secret stays the same."),
    "agent_disabled": _("Activate the agent again, or let the key act as somebody else."),
    "agent_override_not_allowed": _("Let the program leave out X-Agent-ID, or use a superuser key."),
    "agent_unavailable": _("Let the program name an active agent in X-Agent-ID."),
    "agent_required": _("Let the program name an agent in X-Agent-ID, or give the key a default agent."),
    "https_required": _(
        "Let the program call https://, and regenerate the key: its secret was sent in the clear."
    ),
}
"""What an administrator can do about it. Not of a consent's: there it is up to the application and its agent."""

SOURCES = {
    "bound": _("the agent that the key is bound to"),
    "token": _("the agent who allowed the application"),
    "default": _("the key’s default agent, because the request named none"),
    "header": _("named by the request in X-Agent-ID"),
    "none": _("none was chosen"),
}


def listed(request: HttpRequest, log: QuerySet[Any]) -> dict[str, Any]:
    """What the page with all of them shows, as far as its filter wants them."""
    wanted = asked(request, "status", "method", "q")
    shown = log.filter(_condition(wanted))[:RING_SIZE]
    return {
        "log": shown, "has_any": bool(shown) or log.exists(), "wanted": wanted, "classes": CLASSES, "methods": METHODS,
    }  # fmt: skip


def told(request: HttpRequest, entry: LogLine) -> dict[str, Any]:
    """What the page of one of them shows."""
    happened = caused_by(entry, visible_events(actor_of(request))) if may_read_history(request) else []
    return {
        "entry": entry,
        "curl": as_curl(entry),
        "caused": happened,
        "heading": _t("%(method)s %(path)s") % {"method": entry.method, "path": entry.path},
        "rule": RULES.get(entry.reason, ""),
        "remedy": REMEDIES.get(entry.reason, "") if isinstance(entry, LoggedRequest) else "",
        "source": SOURCES.get(entry.agent_source, ""),
    }


def _condition(wanted: dict[str, str]) -> Q:
    """What is not offered filters nothing away that it could hide: it finds nothing."""
    condition = Q()
    if wanted["status"]:
        first = int(wanted["status"]) * 100 if wanted["status"] in CLASSES else 0
        condition &= Q(status__gte=first, status__lt=first + 100)
    if wanted["method"]:
        condition &= Q(method=wanted["method"])
    if wanted["q"]:
        words = wanted["q"]
        found = Q()
        for field in _SEARCHED:
            found |= Q(**{f"{field}__icontains": words})
        condition &= found | (Q(status=int(words)) if words in map(str, range(100, 600)) else Q())
    return condition


def caused_by(entry: LogLine, events: QuerySet[Event]) -> list[Event]:
    """Clients choose request ids, perhaps the same twice: the time tells them apart."""
    if not entry.request_id:
        return []
    began = entry.at - timedelta(milliseconds=entry.duration_ms) - _SLACK
    rows = events.filter(
        key_id=entry.owner_id, request_id=entry.request_id, at__range=(began, entry.at + _SLACK)
    )
    return list(rows.select_related("agent", "contact").order_by("id")[:50])


def origin_of(event: Event, log: QuerySet[L]) -> L | None:
    """The request that did it, if that is still in the log."""
    if not event.request_id:
        return None
    rows = log.filter(request_id=event.request_id, at__gte=event.at - _SLACK)
    return next(
        (entry for entry in rows.order_by("sequence") if event in caused_by(entry, Event.objects.all())), None
    )


_METHODS: dict[str, list[str]] = {"GET": [], "HEAD": ["-I"]}
"""How curl is told the method, where not by `-X`."""


def as_curl(entry: LogLine) -> str:
    """The request as somebody could send it again, with the secret in the variable KEY.

    The values of most parameters and every body are not in the log: they are left for him to fill in.
    """
    number = f"{entry.owner_id}:" if entry.scheme == "key" else ""
    parts = ["curl", *_METHODS.get(entry.method, ["-X", shlex.quote(entry.method)])]
    parts += ["-H", f'"Authorization: {"key" if number else "Bearer"} {number}$KEY"']
    if entry.agent_source == "header" and entry.agent_id:
        parts += ["-H", f"'X-Agent-ID: {entry.agent_id}'"]
    if entry.method in {"POST", "PUT", "PATCH"}:
        parts += ["-H", "'Content-Type: application/json'", "-d", "@body.json"]
    query = f"?{quote(entry.query, safe='=&,:-._~')}" if entry.query else ""
    address = shlex.quote(f"{settings.SITE_URL}{quote(entry.path)}{query}")
    return " ".join([*parts, address])
