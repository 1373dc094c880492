from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import history
from accounts.admin.base import ReadOnlyAdmin
from activity.actor import Actor
from activity.models import Event


class KindFilter(admin.SimpleListFilter):
    """A closed list: looking for the kinds that occur would read the whole log."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return history.kinds_in_words()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


class KeyFilter(admin.SimpleListFilter):
    """By the keys that this person may see."""

    title = _("key")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        page = key_page(model_admin.admin_site, request)
        return [(str(key.pk), str(key)) for key in page.get_queryset(request)[:MOST_KEYS]] if page else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18 else 0
        return queryset.filter(key_id=number)


MOST_KEYS = 200
"""In the list of a filter. Of others the events are found from the key's own page."""


def key_page(site: Any, request: HttpRequest) -> Any:
    """The admin's page of keys, which lies above this app, if this person may open it."""
    pages = (page for model, page in site._registry.items() if model._meta.model_name == "apikey")
    return next((page for page in pages if page.has_view_permission(request)), None)


class TimeFilter(admin.DateFieldListFilter):
    """A time without a zone, in an address, is one of whoever looks; a day is its beginning."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        given: dict[str, list[Any]] = self.used_parameters  # type: ignore[assignment]
        self.used_parameters = {
            lookup: [_in_a_zone(value) for value in values] for lookup, values in given.items()
        }
        return super().queryset(request, queryset)


def _in_a_zone(value: Any) -> Any:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value  # Django says what is wrong with it.
    return timezone.make_aware(at) if timezone.is_naive(at) else at


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The audit log."""

    about = _("Everything that happened: who did what, through which door, with which key.")
    list_display = ("at", "type", "subject_label", "who", "door")
    list_display_links = ("at", "type")
    list_filter = (("at", TimeFilter), "door", KindFilter, "agent", KeyFilter)
    list_select_related = ("agent", "contact")
    search_fields = ("=type", "subject_label", "=request_id", "=key_name")
    search_help_text = _("What happened, name, key or request id")
    ordering = ("-id",)
    sortable_by = ()
    change_form_template = "admin/activity/event/change_form.html"
    fields = ("at", "type", "subject_label", "door", "who", "request_id")
    readonly_fields = ("who",)

    def visible(self, actor: Actor) -> QuerySet[Event]:
        return history.visible_events(actor)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        event = self.found(request, object_id)
        about = {
            "subject_url": self._subject_url(request, event),
            "has_key": self._may_see_key(request, event),
        }
        context = {**about, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _may_see_key(self, request: HttpRequest, event: Event) -> bool:
        """Whether the key that did it has a page that this person may open."""
        page = key_page(self.admin_site, request)
        return bool(page and page.get_queryset(request).filter(pk=event.key_id).exists())

    def _subject_url(self, request: HttpRequest, event: Event) -> str:
        """The page of what the event is about, if there is one that this person may open."""
        for model, page in self.admin_site._registry.items():
            if model._meta.model_name == event.subject_type and page.has_view_permission(request):
                if not page.get_queryset(request).filter(pk=event.subject_id).exists():
                    return ""
                name = f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_change"
                return reverse(name, args=[event.subject_id])
        return ""

    @admin.display(description=_("who"))
    def who(self, event: Any) -> str:
        by = event.agent or event.contact or _("the helpdesk")
        return _("%(key)s, as %(by)s") % {"key": event.key_name, "by": by} if event.key_name else str(by)
