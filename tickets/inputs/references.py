"""How programs name what there is: statuses, channels, tickets, messages, priorities and tags."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from accounts.api.inputs import Reference
from tickets import policy
from tickets.models import Category, Channel, Message, Priority, Status, TagGroup, Ticket
from tickets.models.tag import normalize_tag


class StatusReference(Reference):
    """A category (`solved`), or the name or id of one of its statuses."""

    model, kind, form = Status, "status", "open, pending, solved, closed, or a status's own name or id"

    def rows(self) -> models.QuerySet[Any]:
        return Status.objects.order_by("position", "id")

    def by_name(self, name: str) -> models.QuerySet[Any]:
        if name.lower() in Category.values:
            return self.rows().filter(category=name.lower())
        return self.rows().filter(name__iexact=name)


class ChannelReference(Reference):
    model, kind, form = Channel, "channel", "a channel's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_channels(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class TicketReference(Reference):
    """Another ticket that the agent may see."""

    model, kind, form = Ticket, "ticket", "a ticket's id or external_id"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(external_id=name)


class MessageReference(Reference):
    model, kind, form = Message, "message", "a message's id"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_messages(self.context["actor"])


class PriorityField(serializers.Field[Priority, Any, str, Any]):
    default_error_messages = {"invalid_choice": "Choose low, normal, high or urgent."}

    def to_internal_value(self, data: Any) -> Priority:
        words = {priority.word: priority for priority in Priority}
        if not isinstance(data, str) or data.lower() not in words:
            self.fail("invalid_choice")
        return words[data.lower()]

    def to_representation(self, value: Priority) -> str:
        return Priority(value).word


class TagNames(serializers.ListField):
    """Names of tags. Unknown ones are created by the verb's door if the agent may, and refused otherwise."""

    child = serializers.CharField(max_length=60)

    def to_internal_value(self, data: Any) -> list[str]:
        names = super().to_internal_value(data)
        return list(dict.fromkeys(normalize_tag(name) for name in names))


class TagGroupReference(Reference):
    model, kind, form = TagGroup, "tag group", "a tag group's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_tag_groups(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)
