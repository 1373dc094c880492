"""A new ticket, and what may be changed about one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.inputs import (
    AgentReference,
    Choice,
    ContactReference,
    CustomFieldValues,
    Input,
    TeamReference,
    Versioned,
)
from tickets.actions.writing import Body
from tickets.inputs.files import Attachments
from tickets.inputs.messages import Recipients
from tickets.inputs.references import ChannelReference, PriorityField, StatusReference, TagNames
from tickets.text import MAX_BODY


class TicketChanges(Input):
    """The properties of a ticket that an update may change."""

    subject = serializers.CharField(max_length=250, required=False)
    status = StatusReference(required=False)
    priority = PriorityField(required=False)
    team = TeamReference(required=False, allow_null=True)
    assignee = AgentReference(required=False, allow_null=True)
    tags = TagNames(required=False)
    language = serializers.CharField(max_length=12, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    custom_fields = CustomFieldValues()


class TicketUpdate(TicketChanges, Versioned):
    """Changes, perhaps made against a version: others' changes of other fields since then are kept."""


class NewTicket(TicketChanges):
    """A ticket with its first message, which the contact wrote unless `author` is `agent`."""

    subject = serializers.CharField(max_length=250)
    contact = ContactReference()
    channel = ChannelReference(required=False, allow_null=True)
    message = serializers.CharField(
        max_length=MAX_BODY, required=False, allow_blank=True, trim_whitespace=False
    )
    message_html = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True)
    author = Choice(["contact", "agent"], default="contact")
    to = Recipients()
    cc = Recipients()
    attachments = Attachments()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.partial:  # A change of a ticket that is there: what it began with stays as it is.
            return attrs
        if attrs.get("message") and attrs.get("message_html"):
            raise serializers.ValidationError({"message_html": ["Send message or message_html, not both."]})
        html = attrs.pop("message_html", "")
        markdown = attrs.pop("message", "")
        attrs["body"] = Body.from_html(html) if html else Body.from_markdown(markdown)
        if not attrs["body"].text and not attrs["attachments"]:
            raise serializers.ValidationError(
                {"message": ["Write what the ticket is about, or attach a file."]}
            )
        return attrs
