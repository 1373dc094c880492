"""`/tags` and `/tag_groups`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction

from accounts import actions as people
from accounts.api import filters, lists
from accounts.api import shapes as people_shapes
from accounts.api.errors import ApiError
from accounts.api.operations import Operation
from accounts.api.representations import LINKABLE
from accounts.api.resources import BY_ID, BY_NAME, WITHOUT_TIMES, Collection, Member
from accounts.permissions import Permission
from tickets import actions
from tickets.api import shapes
from tickets.inputs import TagGroupInput, TagInput
from tickets.models import Tag, TagGroup
from tickets.models.tag import normalize_tag


class Tags(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tags.list", Permission.TAGS_READ, "List tags"),
        "POST": Operation("tags.create", Permission.TAGS_WRITE, "Create a tag"),
    }
    shown = LINKABLE["tag"]
    filters = {"name": filters.equals("name", normalize_tag), "group": filters.row("group")}
    parameters = WITHOUT_TIMES | set(filters)
    listing = lists.Listing(BY_ID | BY_NAME, default="id", includes={"group": "tag_group"})
    query = shapes.TagFilters
    body = TagInput
    answers = {"GET": [shapes.Tag], "POST": shapes.Tag}
    creates = True

    def create(self, **given: Any) -> Tag:
        if existing := Tag.objects.named(given["name"]):
            raise ApiError(409, "duplicate", f"There is a tag “{existing}” already.", existing=existing.pk)
        return actions.create_tag(actor=self.actor, **given)


class TagDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tags.read", Permission.TAGS_READ, "Read a tag"),
        "PUT": Operation("tags.update", Permission.TAGS_WRITE, "Rename a tag, or put it into a group"),
        "PATCH": Operation("tags.update", Permission.TAGS_WRITE, "Rename a tag, or put it into a group"),
        "DELETE": Operation("tags.delete", Permission.TAGS_DELETE, "Delete a tag"),
    }
    shown = LINKABLE["tag"]
    listing = Tags.listing
    body = TagInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Tag)

    @transaction.atomic
    def change(self, row: Tag, **given: Any) -> object:
        if "name" in given:
            actions.rename_tag(row, name=given["name"], actor=self.actor)
        if "group" in given:
            actions.group_tag(row, group=given["group"], actor=self.actor)
        return row

    def remove(self, row: Tag) -> None:
        actions.delete_tag(row, actor=self.actor)


class TagGroups(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tag_groups.list", Permission.TAG_GROUPS_READ, "List tag groups"),
        "POST": Operation("tag_groups.create", Permission.TAG_GROUPS_WRITE, "Create a tag group"),
    }
    shown = LINKABLE["tag_group"]
    filters = {"name": filters.equals("name__iexact")}
    parameters = WITHOUT_TIMES | set(filters)
    listing = lists.Listing(BY_ID | BY_NAME, default="id", includes={"tags": "tag"})
    query = people_shapes.NameFilter
    body = TagGroupInput
    answers = {"GET": [shapes.TagGroup], "POST": shapes.TagGroup}
    creates = True

    def create(self, **given: Any) -> TagGroup:
        return people.create(TagGroup, actor=self.actor, **given)


class TagGroupDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tag_groups.read", Permission.TAG_GROUPS_READ, "Read a tag group"),
        "PUT": Operation("tag_groups.update", Permission.TAG_GROUPS_WRITE, "Rename a tag group"),
        "PATCH": Operation("tag_groups.update", Permission.TAG_GROUPS_WRITE, "Rename a tag group"),
        "DELETE": Operation("tag_groups.delete", Permission.TAG_GROUPS_DELETE, "Delete a tag group"),
    }
    shown = LINKABLE["tag_group"]
    listing = TagGroups.listing
    body = TagGroupInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.TagGroup)

    def change(self, row: TagGroup, **given: Any) -> object:
        return people.change(row, actor=self.actor, **given)

    def remove(self, row: TagGroup) -> None:
        people.remove(row, actor=self.actor)
