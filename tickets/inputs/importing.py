"""A ticket that was worked on in another system, with its old messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.api.inputs import AgentReference, Choice, ContactReference, Input, NewContact
from tickets.actions.importing import MOST_MESSAGES
from tickets.inputs.files import Attachments
from tickets.inputs.messages import Recipients, _with_body
from tickets.inputs.references import ChannelReference
from tickets.inputs.tickets import TicketChanges
from tickets.text import MAX_BODY


class OldContact(NewContact):
    """Somebody known by an address, or new, perhaps known elsewhere since long ago."""

    created_at = serializers.DateTimeField(
        required=False, help_text="Since when a new contact is known. One that is there keeps his own."
    )

    def validate_created_at(self, value: datetime) -> datetime:
        if value > timezone.now():
            raise serializers.ValidationError("This time is still to come.", code="in_the_future")
        return value


class OldContactReference(ContactReference):
    described = OldContact


class OldMessageInput(Input):
    """A message as it was written elsewhere: by an agent, or by a contact, who is the ticket's unless named."""

    kind = Choice(["reply", "note"], default="reply")
    agent = AgentReference(required=False)
    contact = OldContactReference(required=False)
    body = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True, trim_whitespace=False)
    body_html = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True)
    created_at = serializers.DateTimeField(help_text="When it was written.")
    to = Recipients()
    cc = Recipients()
    attachments = Attachments()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "agent" in attrs and "contact" in attrs:
            raise serializers.ValidationError({"contact": ["Send agent or contact, not both."]})
        return _with_body(attrs)


class OldTicket(TicketChanges):
    """A ticket as it was elsewhere, with all its messages and the times it had there."""

    subject = serializers.CharField(max_length=250)
    external_id = serializers.CharField(max_length=200)
    contact = OldContactReference()
    channel = ChannelReference(required=False, allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(
        required=False, help_text="When it changed last. Left out, with its last message."
    )
    solved_at = serializers.DateTimeField(required=False, help_text="Left out, when it changed last.")
    first_replied_at = serializers.DateTimeField(
        required=False, help_text="Left out, with an agent's first reply."
    )
    messages = serializers.ListField(
        child=OldMessageInput(), min_length=1, max_length=MOST_MESSAGES, help_text="In any order."
    )
