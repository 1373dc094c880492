from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.forms import VerbForm
from activity.actor import Actor
from tickets.actions import (
    change_template,
    create_tag,
    create_template,
    delete_tag,
    group_tag,
    rename_tag,
)
from tickets.models import Channel, Status, Tag, TagGroup, Template
from tickets.placeholders import KNOWN
from tickets.policy import visible_channels, visible_tag_groups, visible_tags, visible_templates


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    about = _("Words that tickets are grouped by.")
    list_display = ("name", "group")
    list_filter = ("group",)
    list_select_related = ("group",)
    search_fields = ("name",)

    def visible(self, actor: Actor) -> QuerySet[Tag]:
        return visible_tags(actor)

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if not instance.pk:
            instance.pk = create_tag(instance.name, group=instance.group, actor=actor).pk
            return
        tag = rename_tag(Tag.objects.get(pk=instance.pk), name=instance.name, actor=actor)
        if "group" in form.cleaned_data:
            group_tag(tag, group=form.cleaned_data["group"], actor=actor)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_tag(obj, actor=actor_of(request))


@admin.register(TagGroup)
class TagGroupAdmin(ModelAdmin):
    about = _("Tags that belong together. A tag is in one group at most.")
    list_display = ("name", "tag_names")
    search_fields = ("name",)

    def visible(self, actor: Actor) -> QuerySet[TagGroup]:
        return visible_tag_groups(actor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("tags", visible_tags(actor_of(request))))

    @admin.display(description=_("tags"))
    def tag_names(self, group: TagGroup) -> str:
        return ", ".join(tag.name for tag in group.tags.all())


class TemplateForm(VerbForm):
    class Meta:
        model = Template
        fields = ("name", "body", "sharing", "team")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            known = ", ".join(f"{{{{{name}}}}}" for name in KNOWN)
            self.fields["body"].help_text = _("Markdown. These are filled in when it is used: %s.") % known


@admin.register(Template)
class TemplateAdmin(ModelAdmin):
    about = _("Replies that were written once, for everyone, for a team, or for yourself.")
    form = TemplateForm
    fields = ("name", "body", "sharing", "team")
    list_display = ("name", "sharing", "team", "owner", "updated_at")
    list_filter = ("sharing", "team")
    list_select_related = ("team", "owner")
    search_fields = ("name", "body")

    def visible(self, actor: Actor) -> QuerySet[Template]:
        return visible_templates(actor)

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        fields = {name: value for name, value in form.cleaned_data.items() if name in form.base_fields}
        if instance.pk:
            change_template(Template.objects.get(pk=instance.pk), actor=actor, **fields)
        else:
            instance.pk = create_template(actor=actor, **fields).pk


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
