from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin, actor_of
from activity.actor import Actor
from tickets.actions import create_tag, delete_tag, rename_tag
from tickets.models import Channel, Status, Tag
from tickets.policy import visible_channels, visible_tags


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    about = _("Words that tickets are grouped by.")
    list_display = ("name",)
    search_fields = ("name",)

    def visible(self, actor: Actor) -> QuerySet[Tag]:
        return visible_tags(actor)

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if instance.pk:
            rename_tag(Tag.objects.get(pk=instance.pk), name=instance.name, actor=actor)
        else:
            instance.pk = create_tag(instance.name, actor=actor).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_tag(obj, actor=actor_of(request))


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    about = _("Where tickets come from, and the team they go to.")
    list_display = ("name", "kind", "default_team")
    list_filter = ("kind", "default_team")
    list_select_related = ("default_team",)
    search_fields = ("name",)

    def visible(self, actor: Actor) -> QuerySet[Channel]:
        return visible_channels(actor)


@admin.register(Status)
class StatusAdmin(ModelAdmin):
    about = _("Your own names for the steps of the work.")
    list_display = ("name", "category", "position")
    list_filter = ("category",)
    search_fields = ("name",)
