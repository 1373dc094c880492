"""What an application does for one agent: how it is, its last 50 requests and its usage, as on the pages of a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _t

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.fields import in_words
from apitokens import health, policy
from apitokens.actions import tokens
from apitokens.admin import log
from apitokens.admin.health import used
from apitokens.health import Finding
from apitokens.models import Consent, ConsentRequest


class ConsentPages(ModelAdmin):
    """These pages of an application."""

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "consent": ("", self.consent_view),
            "requests": ("requests/", self.requests_view),
            "request": ("requests/<int:sequence>/", self.request_view),
            "usage": ("usage/", self.usage_view),
            "withdraw": ("withdraw/", self.withdraw_view),
        }
        view = self.admin_site.admin_view
        own = [
            path(f"<int:pk>/allowed/<int:consent>/{end}", view(show), name=f"apitokens_application_{name}")
            for name, (end, show) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def consent_view(self, request: HttpRequest, pk: int, consent: int) -> HttpResponse:
        allowed = self._consent(request, pk, consent)
        findings = health.of_consents([allowed]).get(allowed.pk, [])
        return self._page(request, allowed, "consent", findings=findings, words=in_words(allowed.permissions))

    def requests_view(self, request: HttpRequest, pk: int, consent: int) -> HttpResponse:
        allowed = self._consent(request, pk, consent)
        return self._page(request, allowed, "requests", **log.listed(request, self._log(request, allowed)))

    def request_view(self, request: HttpRequest, pk: int, consent: int, sequence: int) -> HttpResponse:
        allowed = self._consent(request, pk, consent)
        entry = self._log(request, allowed).filter(sequence=sequence).first()
        if entry is None:
            raise Http404
        return self._page(request, allowed, "request", **log.told(request, entry))

    def usage_view(self, request: HttpRequest, pk: int, consent: int) -> HttpResponse:
        allowed = self._consent(request, pk, consent)
        return self._page(request, allowed, "usage", **used(allowed))

    def withdraw_view(self, request: HttpRequest, pk: int, consent: int) -> HttpResponse:
        allowed = self._consent(request, pk, consent)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        tokens.withdraw(allowed, actor=actor_of(request))
        told = _t("%(application)s may not act for %(agent)s any more.")
        names = {"application": allowed.application.name, "agent": allowed.agent.name}
        self.message_user(request, told % names, messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", pk))

    def _page(self, request: HttpRequest, allowed: Consent, tab: str, **context: Any) -> HttpResponse:
        application = allowed.application
        about = {"allowed": allowed, "here": self.url("requests", application.pk, allowed.pk), "part": tab}
        template = f"apitokens/applications/{tab}.html"
        return self.page(request, template, application.name, application, tab="consent", **about, **context)

    def _consent(self, request: HttpRequest, pk: int, consent: int) -> Consent:
        rows = policy.visible_consents(actor_of(request)).filter(application=self.found(request, str(pk)))
        allowed = rows.filter(pk=consent).select_related("agent__role", "application", "usage").first()
        if allowed is None:
            raise Http404
        return allowed

    def _log(self, request: HttpRequest, allowed: Consent) -> QuerySet[ConsentRequest]:
        rows = policy.visible_consent_requests(actor_of(request)).filter(consent=allowed)
        return rows.select_related("agent").order_by("-sequence")


def known(applications: Iterable[Any]) -> list[Any]:
    """The applications with `finding`, the worst there is to say of any of those who allowed them."""
    rows = list(applications)
    allowed = Consent.objects.live().filter(application__in=rows)
    allowed = allowed.select_related("agent__role", "application", "usage")
    found: dict[int, list[Finding]] = {}
    all_findings = health.of_consents(allowed)
    for consent in allowed:
        found.setdefault(consent.application_id, []).extend(all_findings.get(consent.pk, []))
    for application in rows:
        application.finding = health.worst(health.by_weight(found.get(application.pk, [])))
    return rows
