"""The list of keys: what each is and how it is doing, at a glance, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.languages import FOR_PROGRAMS
from accounts.models import HelpdeskSettings
from accounts.models.helpdesk import plan_rate
from apitokens import health, other_uses
from apitokens.admin import words
from apitokens.admin.pages import KeyPages
from apitokens.health import Finding, Health
from apitokens.models import ApiKey

ATTENTION = "attention"


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*words.STATES.items(), ("unused", _("never used"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        expired = Q(expires_at__lte=timezone.now())
        open_ = queryset.filter(revoked_at=None)
        match self.value():
            case "live":
                return open_.filter(suspended_at=None).exclude(expired)
            case "expired":
                return open_.filter(expired, suspended_at=None)
            case "suspended":
                return open_.exclude(suspended_at=None)
            case "revoked":
                return queryset.exclude(revoked_at=None)
            case "unused":
                unused = queryset.filter(usage__last_used_at=None)
                return unused.exclude(pk__in=other_uses.of(set(unused.values_list("pk", flat=True))))
        return queryset


class HealthFilter(admin.SimpleListFilter):
    """Keys of which this is among the things to say, even if their badge says something worse."""

    title = _("health")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(ATTENTION, _("needs attention")), *Health.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        wanted = self.value()
        if wanted not in {ATTENTION, *Health.values}:
            return queryset
        found = health.of(list(queryset.select_related("agent__role", "usage")))
        return queryset.filter(pk__in=[pk for pk, findings in found.items() if _is_wanted(wanted, findings)])


def _is_wanted(wanted: str, findings: list[Finding]) -> bool:
    kinds = {finding.health for finding in findings} or {Health.GOOD}
    return bool(kinds - health.HARMLESS) if wanted == ATTENTION else wanted in kinds


class KeyList(ChangeList):
    def url_for_result(self, result: Any) -> str:
        page: Any = self.model_admin
        return str(page.url("overview", result.pk))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = known(self.result_list)


class WholeList(ChangeList):
    """The keys as they are filtered, on all pages: those of one page, and their number, are not asked for."""

    def get_results(self, request: HttpRequest) -> None:
        pass


def known(keys: Iterable[ApiKey]) -> list[ApiKey]:
    """The keys with what their columns tell besides: how they are doing, and the rate of the plan."""
    rows = list(keys)
    needed = other_uses.of([key.pk for key in rows])
    found, desk = health.of(rows, needed), HelpdeskSettings.objects.get(pk=1)
    rate = plan_rate(desk.plan, desk.enterprise_rate)
    for key in rows:
        key.needed = needed.get(key.pk, [])  # type: ignore[attr-defined]
        key.findings = found.get(key.pk, [])  # type: ignore[attr-defined]
        key.rate = key.rate_limit or rate  # type: ignore[attr-defined]
    return rows


class ListPages(KeyPages):
    list_display = ("name", "standing", "kind", "acting", "access", "rate", "last_used", "expires")
    list_filter = (StateFilter, HealthFilter, "kind", ("agent", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("agent__role", "owner", "usage")
    search_fields = ("name", "description", "=hint", "agent__name", "owner__name")
    search_help_text = _("Name, use, end of the secret, agent or owner")
    ordering = ("name", "id")
    change_list_template = "apitokens/list.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return WholeList if request.path == self.url("export") else KeyList

    # --- Columns ------------------------------------------------------------------------------------------

    @admin.display(description=_("health"))
    def standing(self, key: ApiKey) -> str:
        if key.state != "live":
            return format_html('<span class="badge badge-{}">{}</span>', key.state, words.STATES[key.state])
        finding = _worst(key)
        return format_html('<span class="badge health-{}">{}</span>', finding.tone, finding.badge)

    @admin.display(description=_("acts as"), ordering="agent__name")
    def acting(self, key: ApiKey) -> str:
        return words.acts_as(key)

    @admin.display(description=_("access"))
    def access(self, key: ApiKey) -> str:
        return words.access(key)

    @admin.display(description=_("a minute"))
    def rate(self, key: ApiKey) -> str:
        return words.rate_in_short(key, key.rate)  # type: ignore[attr-defined]

    @admin.display(description=_("last used"), ordering="usage__last_used_at")
    def last_used(self, key: ApiKey) -> str:
        when, address = _last_use(key)
        if when is None:
            return _t("never")
        return format_html(
            '<span><span class="nowrap">{}</span><br>{}</span>', date_format(when, "DATETIME_FORMAT"), address
        )

    @admin.display(description=_("expires"), ordering="expires_at")
    def expires(self, key: ApiKey) -> str:
        return words.expires(key)

    # --- A table for elsewhere ----------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The keys of the list as it is filtered now, on all its pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.url("list"))
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="api-keys-{timezone.now():%Y-%m-%d}.csv"'
        response["Cache-Control"] = "no-store"
        with translation.override(FOR_PROGRAMS):
            csv.writer(response).writerows(_table(known(rows.select_related(*self.list_select_related))))
        return response


def _table(keys: list[ApiKey]) -> Iterator[list[str]]:
    yield [
        "id", "name", "used for", "state", "health", "kind", "acts as", "owner", "access", "operations", "addresses",
        "a minute", "last used (UTC)", "last address", "created (UTC)", "expires (UTC)", "secret ends with",
    ]  # fmt: skip
    for key in keys:
        yield [harmless(str(cell)) for cell in _cells(key)]


def _cells(key: ApiKey) -> Iterator[Any]:
    yield from (key.pk, key.name, key.description, key.state)
    yield _worst(key).badge if key.state == "live" else ""
    yield from (key.kind, words.acts_as(key), key.owner, words.access(key))
    yield from (", ".join(key.tags), ", ".join(key.addresses))
    yield key.rate  # type: ignore[attr-defined]
    when, address = _last_use(key)
    yield from (_moment(when), address)
    yield from (_moment(key.created_at), _moment(key.expires_at), key.hint)


def harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula gets a mark before it that makes it text."""
    return f"'{cell}" if cell.lstrip()[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r", "\n"} else cell


def _worst(key: ApiKey) -> Finding:
    return health.worst(key.findings)  # type: ignore[attr-defined]


def _last_use(key: ApiKey) -> tuple[datetime | None, str]:
    """When, and from where or by what: a request, or what needs the key besides."""
    usage, other = getattr(key, "usage", None), other_uses.last(key.needed)  # type: ignore[attr-defined]
    at = usage.last_used_at if usage else None
    if other is not None and other.last_at is not None and (at is None or other.last_at > at):
        return timezone.localtime(other.last_at), other.words
    return (timezone.localtime(at), usage.last_address or "") if usage and at else (None, "")


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
