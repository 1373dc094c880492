from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin
from accounts.admin.fields import PermissionsField, in_words
from accounts.admin.forms import VerbForm
from accounts.models import Role
from accounts.policy import rights, visible
from activity.actor import Actor


class RoleForm(VerbForm):
    permissions = PermissionsField(label=_("Permissions"))

    class Meta:
        model = Role
        fields = ("name", "reach", "enters_admin", "permissions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "permissions" in self.fields:
            self.fields["permissions"].widget.held = rights(self.actor)


@admin.register(Role)
class RoleAdmin(ModelAdmin):
    about = _("What agents may do, and to which tickets.")
    form = RoleForm
    list_display = ("name", "reach", "access", "enters_admin", "agent_count")
    list_filter = ("reach", "enters_admin")
    search_fields = ("name",)
    fields = ("name", "reach", "enters_admin", "permissions")

    def visible(self, actor: Actor) -> QuerySet[Role]:
        return visible(actor, Role)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(agent_count=Count("agents"))
        return rows

    @admin.display(description=_("may do"))
    def access(self, role: Role) -> str:
        return in_words(role.permissions)

    @admin.display(description=_("agents"), ordering="agent_count")
    def agent_count(self, role: Any) -> int:
        return int(role.agent_count)
