"""What lists can be asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import CustomFieldFilter, Id
from tickets.api.shapes.tickets import _PRIORITIES
from tickets.models import Category, ChannelKind, Sharing
from tickets.models.message import MessageKind


class ViewFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")
    sharing = serializers.ChoiceField(Sharing.values)
    team = serializers.CharField(help_text="The id of a team, or `none`.")
    owner = Id(help_text="The agent with this id keeps it.")


class TicketFilters(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Category.values)
    priority = serializers.ChoiceField(_PRIORITIES)
    assignee = serializers.CharField(help_text="An agent's id or e-mail address, `me`, or `none`.")
    contact = serializers.CharField(
        help_text="A contact's id, or an e-mail address (this needs the scope contacts:read)."
    )
    organization = serializers.CharField(help_text="An organization's id, or `none`.")
    team = serializers.CharField(help_text="A team's id, or `none`.")
    channel = serializers.CharField(help_text="A channel's id, or `none`.")
    tag = serializers.CharField(help_text="Has the tag with this name.")
    external_id = serializers.CharField(help_text="Has exactly this id in another system.")
    q = serializers.CharField(
        max_length=500,
        help_text='A filter such as `status:open tag:refund updated:>7d "lost parcel"`: see the resource views. '
        "Words are looked for in subjects, numbers, contacts and messages.",
    )

    custom_fields = CustomFieldFilter()
    follower = serializers.CharField(help_text="An agent's id or e-mail address, or `me`.")
    snoozed = serializers.BooleanField(help_text="Only tickets that are snoozed, or only those that are not.")
    merged = serializers.BooleanField(
        help_text="Only tickets that were merged into others, or only those that were not. Without it, merged "
        "tickets are listed only with `ids`, `external_id` or `updated_since`."
    )


class ConversationFilters(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(MessageKind.values)


class MessageFilters(ConversationFilters):
    ticket = Id(
        help_text="Belongs to the conversation of the ticket with this id, with what was merged into it."
    )


class TicketFilter(serializers.Serializer[Any]):
    ticket = Id(
        help_text="Belongs to the conversation of the ticket with this id, with what was merged into it."
    )


class AttachmentFilters(TicketFilter):
    message = Id(help_text="Belongs to the message with this id.")


class TagFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name.")
    group = serializers.CharField(help_text="The id of a tag group, or `none`.")


class NameFilter(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")


class ChannelFilters(NameFilter):
    kind = serializers.ChoiceField(ChannelKind.values)


class TemplateFilters(NameFilter):
    sharing = serializers.ChoiceField(Sharing.values)
    team = serializers.CharField(help_text="The id of a team, or `none`.")
    owner = Id(help_text="The agent with this id wrote it.")
