"""What the API accepts about webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from rest_framework import serializers

from accounts.api.inputs import AgentReference, Input, Reference
from apitokens import policy
from apitokens.models import ApiKey
from automations.actions import LONGEST_OVERLAP
from automations.event_types import MOST


class KeyReference(Reference):
    model, kind, form = ApiKey, "key", "a key's id"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible(self.context["actor"]).select_related("agent__role")


class WebhookFields(Input):
    """What may be changed of a webhook. Its secret is changed by rotating it."""

    name = serializers.CharField(max_length=100, required=False, help_text="Who is told.")
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    url = serializers.CharField(max_length=2000, required=False, help_text="It gets a POST for each event.")
    types = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=MOST,
        required=False,
        help_text="Types of events: `ticket.opened`, `ticket.*`, or `*`.",
    )
    key = KeyReference(
        required=False,
        allow_null=True,
        help_text="The key that it belongs to: only what this may read is sent.",
    )
    agent = AgentReference(
        required=False,
        allow_null=True,
        help_text="Instead of a key, an administrator: his id or e-mail address.",
    )


class NewWebhook(WebhookFields):
    """A webhook to be made. It belongs to the key that asks, unless the body says otherwise."""

    name = serializers.CharField(max_length=100, help_text="Who is told.")
    url = serializers.CharField(max_length=2000, help_text="It gets a POST for each event.")
    types = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=MOST,
        help_text="Types of events: `ticket.opened`, `ticket.*`, or `*`.",
    )


class SecretRotation(Input):
    """For how long messages are signed with both secrets."""

    hours = serializers.IntegerField(
        min_value=1, max_value=LONGEST_OVERLAP // timedelta(hours=1), default=24, help_text="At most 7 days."
    )


class SwitchOn(Input):
    catch_up = serializers.BooleanField(
        default=False, help_text="Send also what happened while it was off, of at most 10,000 events."
    )


class Span(Input):
    """From when to when, by the times of the events."""

    since = serializers.DateTimeField(help_text="At most 30 days ago.")
    until = serializers.DateTimeField(help_text="This moment itself is left out.")
    everything = serializers.BooleanField(default=False, help_text="Send again also what did arrive.")
