from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin
from accounts.admin.forms import VerbForm
from accounts.models import Agent, Team
from accounts.policy import visible
from activity.actor import Actor


class TeamForm(VerbForm):
    related_fields = ("agents",)
    agents = forms.ModelMultipleChoiceField(
        label=_("Agents"),
        queryset=Agent.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whose work this team's tickets are."),
    )

    class Meta:
        model = Team
        fields = ("name", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agents = self.fields.get("agents")
        if isinstance(agents, forms.ModelMultipleChoiceField):
            members = self.instance.agents.all() if self.instance.pk else Agent.objects.none()
            agents.queryset = visible(self.actor, Agent).filter(is_active=True) | members
            agents.initial = list(members.values_list("pk", flat=True))


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    about = _("Groups of agents who share a queue.")
    shown_as = {"agents": "agent_names"}
    form = TeamForm
    list_display = ("name", "description", "agent_count")
    search_fields = ("name", "description")

    def visible(self, actor: Actor) -> QuerySet[Team]:
        return visible(actor, Team)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(agent_count=Count("agents"))
        return rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may not see agents does not choose among them either; the members stay as they are."""
        fields = ["name", "description"]
        return [*fields, "agents"] if self._may_see(request, Agent) else fields

    @admin.display(description=_("agents"), ordering="agent_count")
    def agent_count(self, team: Any) -> int:
        return int(team.agent_count)

    @admin.display(description=_("agents"))
    def agent_names(self, team: Team) -> str:
        return ", ".join(agent.name for agent in team.agents.all())
