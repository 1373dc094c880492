"""Files that come with a message, uploaded before or inside the request."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from rest_framework import serializers

from accounts.api.inputs import Input
from tickets import policy
from tickets.actions.attach import MAX_FILES, File
from tickets.models import Attachment


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
