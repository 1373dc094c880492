"""What `/webhooks` answers with, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Id, Text
from automations.models import State, Why


class Webhook(serializers.Serializer[Any]):
    """A URL that is told of events, as far as its owner may read of them. Its secret is not shown again."""

    id = Id()
    name = Text()
    description = Text()
    url = Text()
    types = serializers.ListField(
        child=Text(), help_text="Types of events: `ticket.opened`, `ticket.*`, or `*`."
    )
    key = Id(allow_null=True, help_text="The key that it belongs to: only what this may read is sent.")
    agent = Id(allow_null=True, help_text="The administrator that it belongs to, where it is no key's.")
    active = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_why = serializers.ChoiceField(
        Why.values,
        allow_null=True,
        help_text="gone: it answered 410. failing: nothing got through for three days.",
    )
    failures = serializers.IntegerField(min_value=0, help_text="Attempts that failed since the last success.")
    failing_since = serializers.DateTimeField(allow_null=True)
    resting_until = serializers.DateTimeField(
        allow_null=True, help_text="The receiver asked to be left alone."
    )
    succeeded_at = serializers.DateTimeField(
        allow_null=True, help_text="When a message last arrived, true to the minute."
    )
    two_secrets_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then each message has two signatures."
    )
    created_by = Id(allow_null=True)
    created_at = serializers.DateTimeField()


class WebhookWithSecret(Webhook):
    """A webhook whose secret was just made. It is in this one answer and nowhere else."""

    secret = Text(allow_null=True, help_text="`whsec_…`. Null in a repeated or rehearsed answer.")


class Delivery(serializers.Serializer[Any]):
    """One event on its way to one webhook."""

    id = Id()
    webhook = Id()
    webhook_id = Text(help_text="The header `webhook-id`: the same however often it is sent.")
    event = Id(allow_null=True, help_text="Its id in `/events`. Null for a test.")
    type = Text()
    state = serializers.ChoiceField(
        State.values, help_text="withheld: the owner may not read it. failed: it was given up."
    )
    reason = Text(allow_null=True, help_text="Why it was withheld or given up.")
    attempts = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)


class Attempt(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField(min_value=0)
    address = Text(allow_null=True, help_text="Where the URL led.")
    request_body = Text(
        allow_null=True,
        help_text="The first 16,000 characters. Null if you may not read all that the owner may.",
    )
    status = serializers.IntegerField(allow_null=True, help_text="Null where there was no answer.")
    error = Text(allow_null=True, help_text="In a word: `timeout`, `redirect`, `address_not_allowed`, …")
    message = Text(allow_null=True, help_text="In a sentence.")
    answer_headers = serializers.ListField(child=Text())
    answer_body = Text(help_text="The first 2,000 characters.")


class DeliveryWithLog(Delivery):
    """A delivery with its attempts, the latest first."""

    log = serializers.ListField(child=Attempt())


class Queued(serializers.Serializer[Any]):
    """How many deliveries are on their way now."""

    queued = serializers.IntegerField(min_value=0)


class WebhookFilters(serializers.Serializer[Any]):
    key = Id(help_text="Belongs to the key with this id.")
    active = serializers.BooleanField(help_text="Is on, or off.")


class DeliveryFilters(serializers.Serializer[Any]):
    state = serializers.ChoiceField(State.values)
    type = serializers.CharField(help_text="Is of exactly this type: `ticket.opened`.")
    event = Id(help_text="Tells of the event with this id.")
