"""What a key asked for, and from what happened back to the request that did it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import actor_of, may_read_history
from accounts.history import visible_events
from apitokens import policy
from apitokens.admin import log
from apitokens.admin.pages import KeyPages, View
from apitokens.models import ApiKey, LoggedRequest
from apitokens.models.request_log import LogLine

L = TypeVar("L", bound=LogLine)
GONE = _("The request that did this is not among the last 50 any more.")


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
        here = self.url("requests", pk)
        return self._tab(request, key, "requests", here=here, **log.listed(request, self._log(request, key)))

    def request_view(self, request: HttpRequest, pk: int, sequence: int) -> HttpResponse:
        key = self._key(request, pk)
        entry = self._log(request, key).filter(sequence=sequence).first()
        if entry is None:
            raise Http404
        here = self.url("requests", pk)
        return self._tab(request, key, "request", here=here, **log.told(request, entry))

    def origin_view(self, request: HttpRequest, pk: int, event: int) -> HttpResponse:
        """From an event to the request that did it, if that is still among the last 50."""
        if consent := _consent(request, pk, Q(pk=event)):
            return consent
        key = self._key(request, pk)
        return self._to_origin(request, key, Q(pk=event))

    def origin_of_message_view(
        self, request: HttpRequest, pk: int, ticket: int, message: int
    ) -> HttpResponse:
        """The same from a message, by the event that tells of it."""
        which = Q(subject_type="ticket", subject_id=ticket, facts__message=message)
        if consent := _consent(request, pk, which):
            return consent
        return self._to_origin(request, self._key(request, pk), which)

    def _to_origin(self, request: HttpRequest, key: ApiKey, which: Q) -> HttpResponse:
        entry = _did(request, which, key.pk, self._log(request, key))
        if entry is not None:
            return HttpResponseRedirect(self.url("request", key.pk, entry.sequence))
        self.message_user(request, GONE, messages.WARNING)
        return HttpResponseRedirect(self.url("requests", key.pk))

    def _log(self, request: HttpRequest, key: ApiKey) -> QuerySet[LoggedRequest]:
        rows = policy.visible_requests(actor_of(request)).filter(key=key)
        return rows.select_related("agent").order_by("-sequence")


def _did(request: HttpRequest, which: Q, credential: int, rows: QuerySet[L]) -> L | None:
    """The request that did what happened, if that is still among the credential's last 50."""
    if not may_read_history(request):
        raise PermissionDenied
    happened = visible_events(actor_of(request)).filter(which, key_id=credential).newest_first().first()
    return log.origin_of(happened, rows) if happened else None


def _consent(request: HttpRequest, pk: int, which: Q) -> HttpResponse | None:
    """What an application did carries the number of its agent's consent, which is the number of no key."""
    found = policy.visible_consents(actor_of(request)).filter(pk=pk).first()
    if found is None:
        return None
    rows = policy.visible_consent_requests(actor_of(request)).filter(consent=found)
    entry = _did(request, which, found.pk, rows)
    if entry is None:
        messages.warning(request, GONE)
        return redirect("admin:apitokens_application_requests", found.application_id, found.pk)
    return redirect("admin:apitokens_application_request", found.application_id, found.pk, entry.sequence)
