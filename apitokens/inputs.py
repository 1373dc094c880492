"""What the API accepts about keys."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from rest_framework import serializers

from accounts.api.inputs import AgentReference, Choice, Input
from apitokens.actions import LONGEST_OVERLAP
from apitokens.models import AccessLevel, KeyKind

_PATTERNS = (
    "Patterns of operations that narrow the key: `tickets.create`, or `*` and `-*.delete`. Empty: all."
)


class KeyFields(Input):
    """What may be changed of a key. Its secret is changed by regenerating it."""

    name = serializers.CharField(max_length=100, required=False, help_text="Which program uses it.")
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    kind = Choice(
        KeyKind.choices,
        required=False,
        help_text="superuser: acts as any agent that a request names. bot: opens /mcp, and not the API.",
    )
    agent = AgentReference(required=False, allow_null=True)
    owner = AgentReference(required=False)
    access_level = Choice(AccessLevel.choices, required=False, help_text="custom: what `scopes` says.")
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=200,
        required=False,
        help_text="Of a key with custom access: `tickets:read`, `*:read`, …; `tickets:import` and "
        "`tickets:propose` of any key.",
    )
    admin_functions = serializers.BooleanField(
        required=False, help_text="Whether it may also administer, as far as the role of its agent does."
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=100, required=False, help_text=_PATTERNS
    )
    addresses = serializers.ListField(
        child=serializers.CharField(max_length=50),
        max_length=100,
        required=False,
        help_text="Addresses and networks from which alone it may be used. Empty: anywhere.",
    )
    rate_limit = serializers.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        allow_null=True,
        help_text="Requests a minute. Null: as the helpdesk's plan says.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Null: never.")

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("Give a time that is still to come.", code="invalid")
        return value


class NewKey(KeyFields):
    """A key to be made. Its owner is the acting agent unless the body says otherwise."""

    name = serializers.CharField(max_length=100, help_text="Which program uses it.")


class Rotation(Input):
    """For how long the old secret is still accepted beside the new one."""

    hours = serializers.IntegerField(
        min_value=1, max_value=LONGEST_OVERLAP // timedelta(hours=1), default=24, help_text="At most 7 days."
    )
