"""Where admins say when they work and what they promise."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from copy import copy
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.actions import Refused
from accounts.admin.base import ModelAdmin
from accounts.admin.fields import LinesField, SuggestInput
from accounts.admin.forms import VerbForm
from activity.actor import Actor
from automations import durations, policy, sla_words
from automations.actions.sla import (
    keep_hours,
    keep_policy,
    put_in_order,
    refuse_condition,
    refuse_empty_promises,
)
from automations.admin.sla_fields import TARGET_COLUMNS, LengthField, WeekField
from automations.models import BusinessHours, SlaPolicy
from automations.models.sla import TARGETS
from tickets.clocks import Target
from tickets.models import Priority


class PreviewForm(VerbForm):
    """A form that can tell what it would come to before it is saved."""

    def in_words(self) -> list[str]:
        raise NotImplementedError


class PreviewAdmin(ModelAdmin):
    """Tells beside the form, in words, what its answers would come to."""

    change_form_template = "automations/with_preview.html"

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("preview/", view(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/preview/", view(self.preview_view), name=f"{name}_preview_of"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        original = context.get("original")
        context["preview_url"] = self.url("preview_of", original.pk) if original else self.url("preview")
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(require_POST)
    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        row = self.found(request, str(pk)) if pk else None
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(
            request.POST, instance=copy(row) or self.model()
        )
        return TemplateResponse(request, "automations/_preview.html", {"lines": _told(form)})


def _told(form: Any) -> list[str]:
    """Nothing while something is wrong that the page will say when it is saved."""
    try:
        return form.in_words() if form.is_valid() else []
    except Refused as refusal:
        return [refusal.message]


class HoursForm(PreviewForm):
    week = WeekField(
        label=_("Opening hours"),
        help_text=_(
            "Such as 09:00 – 12:30 and 13:00 – 17:00. A day ends at 24:00; one without times is off."
        ),
    )
    holidays = LinesField(
        label=_("Holidays"),
        check=durations.holiday,
        required=False,
        help_text=_("One per line: 2026-04-06 Easter Monday for one day, 12-25 Christmas for every year."),
    )

    class Meta:
        model = BusinessHours
        fields = ("name", "time_zone", "week", "holidays", "is_default", "teams")
        widgets = {"time_zone": SuggestInput, "teams": forms.CheckboxSelectMultiple}
        help_texts = {
            "time_zone": _("Such as Europe/Vienna. When its clocks change, these hours change with them."),
            "is_default": _("Also for tickets without a team. Other hours are no longer it then."),
            "teams": _("A team has the hours of one place."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            self.fields["time_zone"].widget.suggestions = sorted(zoneinfo.available_timezones())
        if "holidays" in self.fields:
            self.initial["holidays"] = self.instance.holidays
        if "is_default" in self.fields and not self.instance.pk:
            self.initial["is_default"] = not BusinessHours.objects.filter(is_default=True).exists()

    def _get_validation_exclusions(self) -> set[str]:
        """That there is one default only is nothing to complain of: the verb takes it from the others first."""
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]

    def in_words(self) -> list[str]:
        put_in_order(self.instance)
        return sla_words.of_hours(self.instance)


@admin.register(BusinessHours)
class BusinessHoursAdmin(PreviewAdmin):
    about = _("When you work, and when not: what counts as time for promises.")
    form = HoursForm
    list_display = ("name", "time_zone", "team_names", "is_default")
    search_fields = ("name",)
    fields = ("name", "time_zone", "week", "holidays", "is_default", "teams")
    shown_as = {"week": "week_in_words", "holidays": "holidays_in_words"}

    def visible(self, actor: Actor) -> QuerySet[BusinessHours]:
        return policy.visible_hours(actor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("teams")

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        keep_hours(instance, actor=actor, teams=form.cleaned_data.get("teams"))

    @admin.display(description=_("teams"))
    def team_names(self, hours: BusinessHours) -> str:
        return ", ".join(str(team) for team in hours.teams.all())

    @admin.display(description=_("opening hours"))
    def week_in_words(self, hours: BusinessHours) -> str:
        return " ".join(sla_words.of_hours(hours)[:1])

    @admin.display(description=_("holidays"))
    def holidays_in_words(self, hours: BusinessHours) -> str:
        return ", ".join(hours.holidays)


class PolicyForm(PreviewForm):
    warn_before = LengthField(
        label=_("Warn before"),
        help_text=_("In the time that counts: 30m. Of short targets, when half of the time is over."),
    )

    class Meta:
        model = SlaPolicy
        fields = (
            "name", "condition", "position", "counting", "warn_before", "is_active",
            *(name for _target, _priority, name in TARGETS),
        )  # fmt: skip
        field_classes = {name: LengthField for _target, _priority, name in TARGETS}
        widgets = {name: forms.TextInput for _target, _priority, name in TARGETS}
        help_texts = {"is_active": _("Tickets that are solved already keep what it promised.")}

    def rows(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """For each priority, the fields of its targets."""
        for priority in sorted(Priority, reverse=True):
            yield priority.label, [self[f"{target.value}_{priority.word}"] for target in Target]

    def in_words(self) -> list[str]:
        refuse_empty_promises(self.instance)
        return sla_words.of_policy(self.instance)


@admin.register(SlaPolicy)
class SlaPolicyAdmin(PreviewAdmin):
    about = _("How soon you promise to answer and to solve. The first that holds for a ticket applies.")
    form = PolicyForm
    list_display = ("name", "position", "tickets", "counting", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "condition")
    change_form_template = "automations/policy.html"
    fieldsets = (
        (None, {"fields": ("name", "condition", "position", "counting", "warn_before", "is_active")}),
        (_("Targets"), {"fields": tuple(name for _target, _priority, name in TARGETS)}),
    )

    def visible(self, actor: Actor) -> QuerySet[SlaPolicy]:
        return policy.visible_policies(actor)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["target_columns"] = TARGET_COLUMNS
        return super().render_change_form(request, context, *args, **kwargs)

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        keep_policy(instance, actor=actor)

    @admin.display(description=_("for tickets like these"), ordering="condition")
    def tickets(self, row: SlaPolicy) -> str:
        """Also says when its condition means nothing any more: then it applies to nothing."""
        if not row.condition:
            return _t("every ticket")
        try:
            refuse_condition(row.condition)
        except Refused as refusal:
            return f"{row.condition} – {refusal.message}"
        return row.condition
