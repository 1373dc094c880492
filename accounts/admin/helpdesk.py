from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.actions import start_trial
from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.fields import LinesField
from accounts.admin.forms import VerbForm, described
from accounts.models import HelpdeskSettings
from accounts.models.helpdesk import RATES, TRIAL, Plan
from accounts.networks import address_of, admits, check_address
from accounts.policy import visible
from activity.actor import Actor


def _address(line: str) -> str:
    check_address(line)
    return line


_WHERE = _(
    "You are at %s now. One per line: 203.0.113.7, or a network like 203.0.113.0/24 or 2001:db8::/32. Every key is "
    "refused from elsewhere, whatever its own list says. Empty: anywhere. It does not limit from where people sign in."
)


class HelpdeskForm(VerbForm):
    plans_with_api = forms.MultipleChoiceField(
        label=_("Plans that include the API"),
        choices=Plan.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Where the plan above is none of these, every request to the API is refused."),
    )

    api_addresses = LinesField(
        label=_("Only programs from these addresses"),
        check=_address,
        commas=True,
        required=False,
    )
    shut_out = forms.BooleanField(
        label=_("Save although programs at my own address would be refused"), required=False
    )
    address: ClassVar[str] = ""
    """From where the form is filled in."""

    class Meta:
        model = HelpdeskSettings
        fields = ("name", "plan", "plans_with_api", "enterprise_rate", "api_addresses")
        help_texts = {
            "plan": _("Requests per minute and key: Standard %(standard)d, Professional %(professional)d.")
            % {str(plan): rate for plan, rate in RATES.items()},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "api_addresses" in self.fields:
            self.initial["api_addresses"] = self.instance.api_addresses
            self.fields["api_addresses"].help_text = _WHERE % self.address

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        allowed = cleaned.get("api_addresses")
        is_new = "api_addresses" in self.changed_data
        if allowed and is_new and not cleaned.get("shut_out") and not admits(allowed, self.address):
            sentence = _("Your own address, %s, is not among these. Add it, or tick the box below.")
            self.add_error("api_addresses", sentence % self.address)
        return cleaned


@admin.register(HelpdeskSettings)
class HelpdeskAdmin(ModelAdmin):
    """One row: it is neither added nor deleted, and its list is itself."""

    about = _("The helpdesk's name, its plan, and whether programs may come in.")
    form = HelpdeskForm
    fields = ("name", "plan", "plans_with_api", "enterprise_rate", "api_addresses", "shut_out", "api_now")
    readonly_fields = ("api_now",)
    shown_as = {
        "plans_with_api": "plans_in_words",
        "api_addresses": "addresses_in_words",
        "shut_out": "api_now",
    }
    change_form_template = "admin/accounts/helpdesksettings/change_form.html"

    def visible(self, actor: Actor) -> QuerySet[HelpdeskSettings]:
        return visible(actor, HelpdeskSettings)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.url("change", 1))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look has nothing to confirm."""
        may_change = self.has_change_permission(request, obj)
        return [field for field in super().get_fields(request, obj) if may_change or field != "shut_out"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.address = address_of(request)
        return form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        desk = self.found(request, object_id)
        unused = desk.trial_started_at is None and desk.plan not in desk.plans_with_api
        may_start = unused and self.has_change_permission(request, desk)
        return super().change_view(
            request, object_id, form_url, {"may_start_trial": may_start, **(extra_context or {})}
        )

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_trial"
        return [path("trial/", self.admin_site.admin_view(self.trial_view), name=name), *super().get_urls()]

    @method_decorator(require_POST)
    def trial_view(self, request: HttpRequest) -> HttpResponse:
        try:
            start_trial(actor=actor_of(request))
            self.message_user(
                request, _t("The trial runs. Programs may use the API for 7 days."), messages.SUCCESS
            )
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        return HttpResponseRedirect(self.url("change", 1))

    @admin.display(description=_("Plans that include the API"))
    def plans_in_words(self, desk: HelpdeskSettings) -> str:
        return ", ".join(str(Plan(plan).label) for plan in desk.plans_with_api) or _t("none")

    @admin.display(description=_("Only programs from these addresses"))
    def addresses_in_words(self, desk: HelpdeskSettings) -> str:
        return ", ".join(desk.api_addresses) or _t("anywhere")

    @admin.display(description=_("The API now"))
    def api_now(self, desk: HelpdeskSettings) -> str:
        return api_in_words(desk)


def api_in_words(desk: HelpdeskSettings) -> str:
    """Whether programs are let in, and why."""
    if desk.plan in desk.plans_with_api:
        return _t("Open: the plan includes it.")
    if desk.trial_started_at is None:
        return _t("Shut: the plan does not include it.")
    ends = date_format(desk.trial_started_at + TRIAL, "DATETIME_FORMAT") + " UTC"
    if desk.includes_api(timezone.now()):
        return _t("Open: the trial runs until %s.") % ends
    return _t("Shut: the plan does not include it, and the trial ended on %s.") % ends
