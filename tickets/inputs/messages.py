"""What is written to a contact or among agents, and what became of it on its way."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.inputs import Choice, Input
from tickets.actions.writing import MOST_RECIPIENTS, Body
from tickets.inputs.files import Attachments
from tickets.inputs.references import StatusReference
from tickets.models import Delivery
from tickets.text import MAX_BODY


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
    author = Choice(["agent", "contact"], default="agent")
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

    kind = Choice(["reply", "note"], default="reply")

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


class DeliveryInput(Input):
    """What became of a reply on its way."""

    state = Choice(Delivery.choices)
    detail = serializers.CharField(max_length=300, required=False, allow_blank=True)
    at = serializers.DateTimeField(required=False)

    def validate_state(self, value: str) -> Delivery:
        return Delivery(value)
