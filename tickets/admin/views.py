from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin, actor_of
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import policy
from tickets.actions import change_view, create_view, delete_view
from tickets.models import SavedView

_WRITE, _DELETE = Permission.VIEWS_WRITE, Permission.VIEWS_DELETE

FIELDS = ("name", "query", "sharing", "team", "sort", "position")


@admin.register(SavedView)
class SavedViewAdmin(ModelAdmin):
    about = _("Filters that agents keep under a name, for themselves or for others.")
    list_display = ("name", "query", "sharing", "team", "owner", "position")
    list_filter = ("sharing", "team")
    list_select_related = ("team", "owner")
    search_fields = ("name", "query")
    ordering = ("position", "id")
    fields = FIELDS

    def visible(self, actor: Actor) -> QuerySet[SavedView]:
        return policy.visible_views(actor)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or bool(policy.can_change_view(actor_of(request), _WRITE, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or bool(policy.can_change_view(actor_of(request), _DELETE, obj)))

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        given = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        if instance.pk:
            change_view(instance, actor=actor, **given)
        else:
            instance.pk = create_view(actor=actor, **given).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_view(obj, actor=actor_of(request))
