"""What a key asked for: the last 50 requests, each in words, and what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import actor_of, may_read_history
from accounts.history import visible_events
from activity.models import Event
from apitokens import policy
from apitokens.admin.pages import KeyPages, View, asked
from apitokens.models import RING_SIZE, ApiKey, LoggedRequest

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

SOURCES = {
    "bound": _("the agent that the key is bound to"),
    "default": _("the key’s default agent, because the request named none"),
    "header": _("named by the request in X-Agent-ID"),
    "none": _("none was chosen"),
}


class RequestPages(KeyPages):
    def pages(self) -> Mapping[str, View]:
        return {**super().pages(), "requests": self.requests_view}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/requests/<int:sequence>/", view(self.request_view), name="apitokens_apikey_request"
            ),
            path("<int:pk>/requests/of/<int:event>/", view(self.origin_view), name="apitokens_apikey_origin"),
            path(
                "<int:pk>/requests/of/<int:ticket>/<int:message>/",
                view(self.origin_of_message_view),
                name="apitokens_apikey_origin_of_message",
            ),
            *super().get_urls(),
        ]

    def requests_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        log = self._log(request, key)
        wanted = asked(request, "status", "method", "q")
        shown = log.filter(_condition(wanted))[:RING_SIZE]
        return self._tab(
            request, key, "requests", log=shown, has_any=bool(shown) or log.exists(),
            wanted=wanted, classes=CLASSES, methods=METHODS,
        )  # fmt: skip

    def request_view(self, request: HttpRequest, pk: int, sequence: int) -> HttpResponse:
        key = self._key(request, pk)
        entry = self._log(request, key).filter(sequence=sequence).first()
        if entry is None:
            raise Http404
        caused = _caused(entry, visible_events(actor_of(request))) if may_read_history(request) else []
        about = {"rule": RULES.get(entry.reason, ""), "source": SOURCES.get(entry.agent_source, "")}
        title = _t("%(method)s %(path)s") % {"method": entry.method, "path": entry.path}
        return self._tab(
            request, key, "request", entry=entry, curl=as_curl(entry), caused=caused, heading=title, **about
        )

    def origin_view(self, request: HttpRequest, pk: int, event: int) -> HttpResponse:
        """From an event to the request that did it, if that is still among the last 50."""
        if consent := _consent(request, pk):
            return consent
        key = self._key(request, pk)
        return self._to_origin(request, key, Q(pk=event))

    def origin_of_message_view(
        self, request: HttpRequest, pk: int, ticket: int, message: int
    ) -> HttpResponse:
        """The same from a message, by the event that tells of it."""
        if consent := _consent(request, pk):
            return consent
        return self._to_origin(
            request,
            self._key(request, pk),
            Q(subject_type="ticket", subject_id=ticket, facts__message=message),
        )

    def _to_origin(self, request: HttpRequest, key: ApiKey, which: Q) -> HttpResponse:
        if not may_read_history(request):
            raise PermissionDenied
        happened = visible_events(actor_of(request)).filter(which, key_id=key.pk).newest_first().first()
        entry = _origin(happened, self._log(request, key)) if happened else None
        if entry is not None:
            return HttpResponseRedirect(self.url("request", key.pk, entry.sequence))
        gone = _t("The request that did this is not among the key’s last 50 any more.")
        self.message_user(request, gone, messages.WARNING)
        return HttpResponseRedirect(self.url("requests", key.pk))

    def _log(self, request: HttpRequest, key: ApiKey) -> QuerySet[LoggedRequest]:
        log = policy.visible_requests(actor_of(request)).filter(key=key)
        return log.select_related("agent").order_by("-sequence")


def _consent(request: HttpRequest, pk: int) -> HttpResponse | None:
    """What an application did carries the number of its agent's consent, which is the number of no key."""
    found = policy.visible_consents(actor_of(request)).filter(pk=pk).first()
    if found is None:
        return None
    return redirect("admin:apitokens_application_consent", found.application_id, found.pk)


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


def _caused(entry: LoggedRequest, events: QuerySet[Event]) -> list[Event]:
    """Clients choose request ids, perhaps the same twice: the time tells them apart."""
    if not entry.request_id:
        return []
    began = entry.at - timedelta(milliseconds=entry.duration_ms) - _SLACK
    rows = events.filter(
        key_id=entry.key_id, request_id=entry.request_id, at__range=(began, entry.at + _SLACK)
    )
    return list(rows.select_related("agent", "contact").order_by("id")[:50])


def _origin(event: Event, log: QuerySet[LoggedRequest]) -> LoggedRequest | None:
    if not event.request_id:
        return None
    rows = log.filter(request_id=event.request_id, at__gte=event.at - _SLACK)
    return next(
        (entry for entry in rows.order_by("sequence") if event in _caused(entry, Event.objects.all())), None
    )


_METHODS: dict[str, list[str]] = {"GET": [], "HEAD": ["-I"]}
"""How curl is told the method, where not by `-X`."""


def as_curl(entry: LoggedRequest) -> str:
    """The request as somebody could send it again, with the secret in the variable KEY.

    The values of most parameters and every body are not in the log: they are left for him to fill in.
    """
    number = f"{entry.key_id}:" if entry.scheme == "key" else ""
    parts = ["curl", *_METHODS.get(entry.method, ["-X", shlex.quote(entry.method)])]
    parts += ["-H", f'"Authorization: {"key" if number else "Bearer"} {number}$KEY"']
    if entry.agent_source == "header" and entry.agent_id:
        parts += ["-H", f"'X-Agent-ID: {entry.agent_id}'"]
    if entry.method in {"POST", "PUT", "PATCH"}:
        parts += ["-H", "'Content-Type: application/json'", "-d", "@body.json"]
    query = f"?{quote(entry.query, safe='=&,:-._~')}" if entry.query else ""
    address = shlex.quote(f"{settings.SITE_URL}{quote(entry.path)}{query}")
    return " ".join([*parts, address])
