from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.forms import VerbForm
from activity.actor import Actor
from activity.models import Event
from apitokens.models import ApiKey
from automations import actions, conditions, occasions, policy, steps
from automations.actions.running import BUDGET, MOST_DEPTH, effects
from automations.admin.words import how_to_ask, in_order
from automations.forms import EditsSteps, StepsField
from automations.models import CALLED, Clock, Delivery, Occasion, Property, Trigger, TriggerRun
from automations.occasions import BEGINNINGS
from tickets.models import Ticket
from tickets.views.sentences import sentence

FIELDS = (
    "name", "active", "position", "occasions", "properties", "clock", "hours", "condition", "steps",
)  # fmt: skip
RUNS = 50
EVENTS = 40


class TriggerForm(EditsSteps, VerbForm):
    occasions = forms.MultipleChoiceField(
        label=_("At once, when"),
        choices=Occasion.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    properties = forms.MultipleChoiceField(
        label=_("Only changes of"),
        choices=Property.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Nothing ticked: changes of anything."),
    )
    condition = forms.CharField(
        label=_("Conditions"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Written like a search, all of them must hold; OR, - and parentheses work. Empty: always."
        ),
    )
    steps = StepsField(owner=Trigger)

    class Meta:
        model = Trigger
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "steps" in self.fields:
            self.fields["steps"].offer(self.actor)  # type: ignore[attr-defined]

    def clean_hours(self) -> int | None:
        return self.cleaned_data["hours"] or None


@admin.register(Trigger)
class TriggerAdmin(ModelAdmin):
    about = _("What the helpdesk does by itself when something happens, or when time passes.")
    form = TriggerForm
    change_form_template = "automations/form.html"
    object_history_template = "automations/history.html"
    list_display = ("name", "when", "condition", "what_it_does", "active", "position")
    list_filter = ("active",)
    search_fields = ("name", "condition")
    ordering = ("position", "id")
    fieldsets = (
        (None, {"fields": ("name", "active", "position")}),
        (_("When?"), {"fields": ("occasions", "properties")}),
        (_("Or when time has passed?"), {"fields": ("hours", "clock")}),
        (_("If what holds?"), {"fields": ("condition",)}),
        (_("Then what?"), {"fields": ("steps",)}),
    )

    def visible(self, actor: Actor) -> QuerySet[Trigger]:
        return policy.visible_triggers(actor)

    @admin.display(description=_("when"))
    def when(self, trigger: Trigger) -> str:
        if trigger.clock:
            since = Clock(trigger.clock).label
            return _t("%(hours)s hours after %(since)s") % {"hours": trigger.hours, "since": since}
        return ", ".join(str(Occasion(one).label) for one in trigger.occasions)

    @admin.display(description=_("what it does"))
    def what_it_does(self, trigger: Trigger) -> SafeString:
        return in_order(steps.told(trigger.steps), steps.broken(trigger.steps, Trigger))

    # --- Writing ------------------------------------------------------------------------------------------

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        given = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        if Occasion.CHANGED not in given.get("occasions", []):
            given["properties"] = []  # What the page does not show is not meant.
        if instance.pk:
            actions.change_trigger(Trigger(pk=instance.pk), actor=actor, **given)
        else:
            instance.pk = actions.create_trigger(actor=actor, **given).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for name in _unknown_programs(form.cleaned_data["condition"]):
            self.message_user(
                request,
                _t(
                    "There is no key “%(name)s” at the moment. If this is no application or bot, check the spelling."
                )
                % {"name": name},
                messages.WARNING,
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_trigger(obj, actor=actor_of(request))

    # --- Pages --------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/runs/", view(self.runs_view), name="automations_trigger_runs"),
            path("<int:pk>/try/", view(self.try_view), name="automations_trigger_try"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return super().change_view(request, object_id, form_url, {"tab": "rule", **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"how_to_ask": how_to_ask(), "budget": BUDGET, "depth": MOST_DEPTH, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def runs_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The latest times that its conditions held."""
        trigger: Trigger = self.found(request, str(pk))
        rows = trigger.runs.select_related("ticket", "event__agent", "event__contact").order_by("-id")
        page = Paginator(rows, RUNS).get_page(request.GET.get("p"))
        told = _told(page.object_list)
        return self.page(
            request, "automations/runs.html", trigger.name, trigger, tab="runs", page=page, runs=told
        )

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What it would make of an event of a ticket: nothing is kept of it."""
        trigger: Trigger = self.found(request, str(pk))
        if not self.has_change_permission(request, trigger):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        typed = asked.get("ticket", "").strip().removeprefix("#")
        ticket = _ticket(typed)
        events = _events(ticket) if ticket else []
        event = next((one for one in events if str(one.pk) == asked.get("event", "")), None)
        context: dict[str, Any] = {"typed": typed, "ticket": ticket, "event": event, "tab": "try"}
        context["events"] = [(one, sentence(one), _may_start(trigger, one)) for one in events]
        if request.method == "POST" and ticket is not None and event is not None:
            seen = actions.rehearse(trigger, ticket, event)
            context |= {"seen": seen, "changes": [sentence(one) for one in seen.changes]}
            context["told"] = steps.told(trigger.steps)
            context["tells"] = any(step["do"] == "notify" for step in trigger.steps)
        return self.page(request, "automations/try.html", trigger.name, trigger, **context)


def _told(runs: Iterable[TriggerRun]) -> list[tuple[TriggerRun, list[tuple[str, Delivery | None]]]]:
    """What each run did, in sentences; and of the call of a webhook its delivery."""
    made = effects(runs)
    called = [event.pk for events in made.values() for event in events if event.type == CALLED]
    sent = {(row.event_id, row.webhook_id): row for row in Delivery.objects.filter(event__in=called)}

    def one(event: Event) -> tuple[str, Delivery | None]:
        return sentence(event), sent.get((event.pk, event.facts.get("webhook", {}).get("id")))

    return [(run, [one(event) for event in made.get(run.pk, [])]) for run in runs]


def _ticket(typed: str) -> Ticket | None:
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 18:
        return None
    rows = Ticket.objects.select_related("status", "assignee", "team", "contact", "organization", "channel")
    return rows.filter(pk=int(typed)).first()


def _events(ticket: Ticket) -> list[Event]:
    """What happened to it, newest first."""
    return list(Event.objects.about(ticket).select_related("agent", "contact").newest_first()[:EVENTS])


def _may_start(trigger: Trigger, event: Event) -> bool:
    if trigger.clock:
        return event.type in BEGINNINGS[trigger.clock]
    return occasions.answers(trigger, event)


def _unknown_programs(condition: str) -> list[str]:
    """Names behind `via:` that no key has."""
    names = conditions.programs(condition)
    known = {" ".join(name.casefold().split()) for name in ApiKey.objects.values_list("name", flat=True)}
    return [name for name in names if " ".join(name.casefold().split()) not in known] if names else []
