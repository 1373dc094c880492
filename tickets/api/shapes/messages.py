"""Messages, who wrote them, and their files."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.shapes import Id, Text
from activity.actor import Door
from tickets.models.message import Delivery, Direction, MessageKind


class Author(serializers.Serializer[Any]):
    type = serializers.ChoiceField(["agent", "contact", "system"])
    id = Id(allow_null=True)
    name = Text(allow_null=True)


class WritingKey(serializers.Serializer[Any]):
    """The key with which a message was written."""

    id = Id()
    name = Text()


class Via(serializers.Serializer[Any]):
    """The way by which a message came in."""

    door = serializers.ChoiceField(Door.values)
    key = WritingKey(allow_null=True)


class MessageAttachment(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    content_type = Text()
    size = serializers.IntegerField(min_value=0, help_text="In bytes.")
    url = serializers.URLField(help_text="Download it here, with the same credential.")


class MessageDelivery(serializers.Serializer[Any]):
    """What the program that carries a reply said of it last."""

    state = serializers.ChoiceField(Delivery.values, required=False)
    detail = Text(required=False, help_text="In words, such as the other server's answer.")
    at = serializers.DateTimeField(required=False)


class Delivered(serializers.Serializer[Any]):
    """A reply, and how far it has come."""

    id = Id()
    ticket = Id()
    delivery = MessageDelivery()


class Message(serializers.Serializer[Any]):
    """A public reply or an internal note."""

    id = Id()
    ticket = Id()
    kind = serializers.ChoiceField(MessageKind.values)
    direction = serializers.ChoiceField(
        Direction.values, help_text="in: from the contact; out: from the helpdesk."
    )
    author = Author()
    via = Via()
    body_text = Text()
    body_html = Text(help_text="Sanitised: safe to show.")
    to = serializers.ListField(child=Text(), help_text="The addresses that it is for.")
    cc = serializers.ListField(child=Text(), help_text="The addresses that get a copy.")
    attachments = MessageAttachment(many=True)
    created_at = serializers.DateTimeField()
    delivery = MessageDelivery(help_text="How far a reply has come. Empty as long as no program has told.")


class Attachment(MessageAttachment):
    """A file: waiting to be sent, or part of a message."""

    message = Id(allow_null=True, help_text="Null as long as it waits to be sent.")
    sha256 = Text(help_text="The checksum of its content, in hexadecimal.")
    created_at = serializers.DateTimeField()


@extend_schema_field({"type": "string", "format": "binary"})
class UploadedFile(serializers.FileField):
    pass


class Upload(serializers.Serializer[Any]):
    """A form of type multipart/form-data."""

    file = UploadedFile()
