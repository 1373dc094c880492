from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts.actions import (
    create_agent,
    hand_out_link,
    has_second_step,
    invite,
    mail_reset,
    remove_second_step,
    save,
)
from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.forms import VerbForm, described
from accounts.models import Agent, AgentKind
from accounts.models.agent import normalize_email
from accounts.policy import visible
from activity.actor import Actor


class AgentForm(VerbForm):
    class Meta:
        model = Agent
        fields = ("name", "email", "kind", "role", "teams", "is_active", "is_available")
        widgets = {"teams": forms.CheckboxSelectMultiple, "kind": forms.RadioSelect}

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])


@admin.register(Agent)
class AgentAdmin(ModelAdmin):
    """Agents are never deleted, because history names them: they are made inactive."""

    about = _("Who works here, and which programs have an identity of their own.")
    form = AgentForm
    list_display = ("name", "email", "kind", "role", "team_names", "state", "last_sign_in")
    list_filter = ("is_active", "kind", "role", "teams")
    list_select_related = ("role",)
    search_fields = ("name", "email")
    search_help_text = _("Name or e-mail address")
    change_form_template = "admin/accounts/agent/change_form.html"

    def visible(self, actor: Actor) -> QuerySet[Agent]:
        return visible(actor, Agent)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        return super().get_queryset(request).prefetch_related("teams")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections = [
            (None, {"fields": ["name", "email", "kind"]}),
            (_("What they may do"), {"fields": ["role", "teams"]}),
        ]
        if obj is not None:
            sections.append((_("State"), {"fields": ["is_active", "is_available"]}))
        return self.arranged(request, sections, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "kind":
            formfield.help_text = _(
                "A person signs in and answers. A service agent is what a program acts as: it cannot sign in, "
                "gets no mail, and is not offered as assignee."
            )
        return formfield

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if instance.pk:
            save(instance, actor=actor, related=form.related())
            return
        fields = {name: form.cleaned_data[name] for name in ("email", "name", "role", "kind")}
        agent = create_agent(actor=actor, teams=form.cleaned_data.get("teams", ()), **fields)
        instance.pk = agent.pk
        if agent.can_sign_in:
            invite(agent, actor=actor)

    def response_add(self, request: HttpRequest, obj: Agent, post_url_continue: Any = None) -> HttpResponse:
        if obj.can_sign_in:
            sentence = _t("An invitation to choose a password is on its way to %s.") % obj.email
            self.message_user(request, sentence, messages.INFO)
        return super().response_add(request, obj, post_url_continue)

    # --- Columns ------------------------------------------------------------------------------------------

    @admin.display(description=_("teams"))
    def team_names(self, agent: Agent) -> str:
        return ", ".join(team.name for team in agent.teams.all())

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, agent: Agent) -> str:
        kind, word = _state(agent)
        return format_html('<span class="badge badge-{}">{}</span>', kind, word)

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_sign_in(self, agent: Agent) -> Any:
        return agent.last_login or _("never")

    # --- Letting somebody in ------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/invite/", view(self.invite_view), name=f"{name}_invite"),
            path("<path:object_id>/link/", view(self.link_view), name=f"{name}_link"),
            path("<path:object_id>/second-step/", view(self.second_step_view), name=f"{name}_second_step"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "may_write": self.has_change_permission(request),
            "has_second_step": has_second_step(self.found(request, object_id)),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def invite_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Mail the agent the link that he needs: a first one, or one to choose another password."""
        agent = self.found(request, object_id)
        send = mail_reset if agent.has_usable_password() else invite
        try:
            send(agent, actor=actor_of(request))
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        else:
            self.message_user(request, _t("A mail with a link is on its way to %s.") % agent.email)
        return HttpResponseRedirect(self.url("change", agent.pk))

    @method_decorator(require_POST)
    def second_step_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the second step off for an agent who has lost his phone."""
        agent = self.found(request, object_id)
        try:
            remove_second_step(agent, actor=actor_of(request))
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        else:
            self.message_user(request, _t("Two-step sign-in of %s is off.") % agent.name)
        return HttpResponseRedirect(self.url("change", agent.pk))

    @method_decorator(sensitive_variables("link"))
    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first (GET), then show a new one-time link, in this answer only (POST)."""
        agent = self.found(request, object_id)
        link, error = "", ""
        if request.method == "POST":
            try:
                link = hand_out_link(agent, actor=actor_of(request))
            except self.refusals as refusal:
                error = described(refusal)[1]
        response = self.page(
            request, "admin/accounts/agent/link.html", _t("Sign-in link"), agent, link=link, error=error
        )
        response["Cache-Control"] = "no-store"
        return response


def _state(agent: Agent) -> tuple[str, Any]:
    if not agent.is_active:
        return "off", _("inactive")
    if agent.kind == AgentKind.PERSON and not agent.has_usable_password():
        return "waits", _("invited")
    return "on", _("active")
