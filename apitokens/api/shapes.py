"""What `/me` and `/me/requests` answer with, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Agent, Id, Text
from apitokens.models.key import AccessLevel, KeyKind

SOURCES = ["bound", "default", "header", "none"]


class Acting(serializers.Serializer[Any]):
    """Which agent a request acts as, and who chose: the key (bound, default), X-Agent-ID (header) or nobody."""

    agent_id = Id(allow_null=True)
    source = serializers.ChoiceField(SOURCES)  # type: ignore[assignment]


class Key(serializers.Serializer[Any]):
    """The key a request was made with. Its secret is never shown."""

    id = Id(help_text="The ID in “key ID:SECRET”.")
    name = Text()
    kind = serializers.ChoiceField(KeyKind.values)
    access_level = serializers.ChoiceField(AccessLevel.values)
    tags = serializers.ListField(child=Text(), help_text="Patterns of operations, such as tickets.create.")
    expires_at = serializers.DateTimeField(allow_null=True)
    ip_restricted = serializers.BooleanField(help_text="Whether only certain addresses may use it.")


class Me(serializers.Serializer[Any]):
    """A credential: whom it acts as, and what it may do. The members about a person are null if it has no agent."""

    auth_method = serializers.ChoiceField(["api_key"])
    app_id = Id(help_text="The key's id.")
    scopes = serializers.ListField(child=Text())
    key = Key()
    acting = Acting()
    person_id = Id(allow_null=True)
    person = Agent(allow_null=True)
    id = Id(allow_null=True, help_text="The same as person_id.")
    email = Text(allow_null=True)
    role = serializers.ChoiceField(
        ["admin", "agent"], allow_null=True, help_text="admin: the agent's role administers the helpdesk."
    )
    abilities = serializers.ListField(
        child=Text(), help_text="The operations that key, scopes and role together allow."
    )


class LoggedError(serializers.Serializer[Any]):
    code = Text()
    reason = Text()


class LoggedRequest(serializers.Serializer[Any]):
    """One request in a key's log. Bodies, headers and secrets are never kept."""

    number = serializers.IntegerField(min_value=1, help_text="Counts the key's requests from its first on.")
    at = serializers.DateTimeField()
    method = Text()
    path = Text()
    query = Text(help_text="Parameters: names, and those values that say nothing about people.")
    operation = Text(allow_null=True)
    status = serializers.IntegerField()
    error = LoggedError(allow_null=True)
    duration_ms = serializers.FloatField()
    bytes = serializers.IntegerField()
    address = Text(allow_null=True)
    user_agent = Text()
    request_id = Text()
    scheme = serializers.ChoiceField(["bearer", "key"])
    acting = Acting()
    required_scope = Text(allow_null=True)
    replayed = serializers.BooleanField(
        help_text="Whether an Idempotency-Key let an earlier answer be given again."
    )
