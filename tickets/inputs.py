"""What the verbs accept from outside. The API, and later every other program's door, validate with these."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from rest_framework import serializers

from accounts.api.inputs import (
    AgentReference,
    ContactReference,
    CustomFieldValues,
    Input,
    NewContact,
    Reference,
    TeamReference,
    Versioned,
)
from tickets import policy
from tickets.actions.attach import MAX_FILES, File
from tickets.actions.importing import MOST_MESSAGES
from tickets.actions.writing import MOST_RECIPIENTS, Body
from tickets.models import (
    Attachment,
    Category,
    Channel,
    ChannelKind,
    Delivery,
    Message,
    Priority,
    ProposalKind,
    Sharing,
    Status,
    TagGroup,
    Ticket,
)
from tickets.models.tag import normalize_tag
from tickets.models.view import Sort
from tickets.text import MAX_BODY


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


class InlineFile(Input):
    """A small file inside the JSON body."""

    name = serializers.CharField(max_length=200)
    content_type = serializers.CharField(max_length=100, required=False, default="application/octet-stream")
    content = serializers.CharField(trim_whitespace=False)

    def validate_content(self, value: str) -> bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError(
                "Encode the file's content as base64.", code="invalid"
            ) from None


class AttachmentField(serializers.Field[Any, Any, Any, Any]):
    """The id of an upload, or `{"name", "content_type", "content"}` with base64 content."""

    default_error_messages = {
        "does_not_exist": "There is no upload {value} of yours that waits to be sent.",
        "incorrect_type": 'Give the id of an upload, or {{"name": …, "content": base64}}.',
    }

    def to_internal_value(self, data: Any) -> Attachment | File:
        if isinstance(data, dict):
            inline = InlineFile(data=data)
            inline.is_valid(raise_exception=True)
            return File(**inline.validated_data)
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data < 2**63:
            self.fail("incorrect_type")
        upload = policy.own_uploads(self.context["actor"]).filter(pk=data).first()
        if upload is None:
            self.fail("does_not_exist", value=data)
        return upload

    def to_representation(self, value: Any) -> Any:
        return value.pk


class Attachments(serializers.ListField):
    child = AttachmentField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_FILES, "required": False, "default": list, **kwargs})


class MessageInput(Input):
    """The text of a reply or a note: Markdown (or plain text) in `body`, or HTML in `body_html`."""

    body = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True, trim_whitespace=False)
    body_html = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True)
    attachments = Attachments()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _with_body(attrs)


def _with_body(attrs: dict[str, Any]) -> dict[str, Any]:
    if attrs.get("body") and attrs.get("body_html"):
        raise serializers.ValidationError({"body_html": ["Send body or body_html, not both."]})
    html = attrs.pop("body_html", "")
    markdown = attrs.pop("body", "")
    attrs["body"] = Body.from_html(html) if html else Body.from_markdown(markdown)
    if not attrs["body"].text and not attrs["attachments"]:
        raise serializers.ValidationError({"body": ["Write something, or attach a file."]})
    return attrs


class Recipients(serializers.ListField):
    """Addresses, in small letters and each once when they are stored."""

    child = serializers.EmailField(max_length=254)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MOST_RECIPIENTS, "required": False, **kwargs})


class ReplyInput(MessageInput):
    """A reply of the acting agent, or, with `author: contact`, what the contact said."""

    status = StatusReference(required=False)
    author = serializers.ChoiceField(["agent", "contact"], default="agent")
    to = Recipients()
    cc = Recipients()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if attrs["author"] == "contact" and "status" in attrs:
            raise serializers.ValidationError(
                {"status": ["What a contact says sets no status: leave it out."]}
            )
        return attrs


class NoteInput(MessageInput):
    pass


class NewMessageInput(ReplyInput):
    """A reply or a note. A note is an agent's own, goes out to nobody and sets no status."""

    kind = serializers.ChoiceField(["reply", "note"], default="reply")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if attrs["kind"] == "reply":
            return attrs
        for name in ("status", "to", "cc"):
            if name in attrs:
                raise serializers.ValidationError(
                    {name: ["A note goes out to nobody and sets no status: leave it out."]}
                )
        if attrs.pop("author") == "contact":
            raise serializers.ValidationError({"author": ["Only agents write notes: leave it out."]})
        return attrs


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
    author = serializers.ChoiceField(["contact", "agent"], default="contact")
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

    kind = serializers.ChoiceField(["reply", "note"], default="reply")
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


class DeliveryInput(Input):
    """What became of a reply on its way."""

    state = serializers.ChoiceField(Delivery.choices)
    detail = serializers.CharField(max_length=300, required=False, allow_blank=True)
    at = serializers.DateTimeField(required=False)

    def validate_state(self, value: str) -> Delivery:
        return Delivery(value)


class ProposedChanges(Input):
    """What a proposal would set."""

    status = StatusReference(required=False)
    assignee = AgentReference(required=False, allow_null=True)
    team = TeamReference(required=False, allow_null=True)
    priority = PriorityField(required=False)
    tags = TagNames(required=False, max_length=40)


class NewProposal(Input):
    """A reply or a note (`body`), or a change (`changes`), for an agent to decide about."""

    kind = serializers.ChoiceField(ProposalKind.choices)
    body = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True, trim_whitespace=False)
    changes = ProposedChanges(required=False)
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Why: for the agent who decides."
    )


class Approval(Input):
    """How far a proposal is approved: with another text, or with some of its changes only."""

    version = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="The version of the ticket that you looked at. Left out, the one that the proposal was made for.",
    )
    body = serializers.CharField(
        max_length=MAX_BODY, required=False, trim_whitespace=False, help_text="Instead of the proposed text."
    )
    only = serializers.ListField(
        child=serializers.ChoiceField(["status", "assignee", "team", "priority", "tags"]),
        required=False,
        help_text="Those of the proposed changes that are made. Left out, all.",
    )


class Refusal(Input):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Why: for whoever proposed it."
    )


class TagGroupReference(Reference):
    model, kind, form = TagGroup, "tag group", "a tag group's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_tag_groups(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class ViewInput(Input):
    name = serializers.CharField(max_length=100)
    query = serializers.CharField(max_length=500)
    sharing = serializers.ChoiceField(Sharing.choices, required=False)
    team = TeamReference(required=False, allow_null=True)
    sort = serializers.ChoiceField(Sort.choices, required=False)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)


class TagInput(Input):
    name = serializers.CharField(max_length=60)
    group = TagGroupReference(required=False, allow_null=True)


class TagGroupInput(Input):
    name = serializers.CharField(max_length=60)


class ChannelInput(Input):
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(ChannelKind.choices, required=False)
    default_team = TeamReference(required=False, allow_null=True)


class TemplateInput(Input):
    name = serializers.CharField(max_length=100)
    body = serializers.CharField(max_length=20_000, trim_whitespace=False)
    sharing = serializers.ChoiceField(Sharing.choices, required=False)
    team = TeamReference(required=False, allow_null=True)
