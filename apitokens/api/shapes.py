"""What `/me` and `/keys` answer with, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Agent, Id, Text
from apitokens.lookup import OAUTH
from apitokens.models.key import AccessLevel, KeyKind, Which

SOURCES = ["bound", "default", "header", "token", "none"]


class Acting(serializers.Serializer[Any]):
    """Which agent a request acts as, and who chose: key (bound, default), token, X-Agent-ID (header) or nobody."""

    agent_id = Id(allow_null=True)
    source = serializers.ChoiceField(SOURCES)  # type: ignore[assignment]


class Key(serializers.Serializer[Any]):
    """The key, or the OAuth token, a request was made with. Its secret is never shown."""

    id = Id(help_text="The ID in “key ID:SECRET”; with an OAuth token, that of what the agent allowed.")
    name = Text(help_text="With an OAuth token, the application's.")
    kind = serializers.ChoiceField([*KeyKind.values, OAUTH])
    access_level = serializers.ChoiceField(AccessLevel.values)
    tags = serializers.ListField(child=Text(), help_text="Patterns of operations, such as tickets.create.")
    expires_at = serializers.DateTimeField(allow_null=True)
    ip_restricted = serializers.BooleanField(help_text="Whether only certain addresses may use it.")


class Me(serializers.Serializer[Any]):
    """A credential: whom it acts as, and what it may do. The members about a person are null if it has no agent."""

    auth_method = serializers.ChoiceField(["api_key", "oauth", "bot_token"])
    app_id = Id(help_text="The key's id, or with an OAuth token that of the application.")
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
    secret = serializers.ChoiceField(
        Which.values, help_text="previous: the old secret, while a rotation lets it live."
    )
    acting = Acting()
    required_scope = Text(allow_null=True)
    replayed = serializers.BooleanField(
        help_text="Whether an Idempotency-Key let an earlier answer be given again."
    )


class PreviousSecret(serializers.Serializer[Any]):
    """The old secret of a key that is being rotated."""

    ends_with = Text()
    accepted_until = serializers.DateTimeField()


STATES = ["live", "expired", "suspended", "revoked"]


class ApiKey(serializers.Serializer[Any]):
    """A key as its administrators see it. Of the secret only its end is known."""

    id = Id()
    name = Text()
    description = Text()
    kind = serializers.ChoiceField(
        KeyKind.values,
        help_text="superuser: acts as any agent that a request names. bot: opens /mcp, and not the API.",
    )
    agent = Id(allow_null=True, help_text="The agent it acts as; of a superuser key, when none is named.")
    owner = Id(help_text="The person who answers for it.")
    access_level = serializers.ChoiceField(AccessLevel.values, help_text="custom: what `scopes` says.")
    scopes = serializers.ListField(child=Text(), help_text="As they were given, for custom access.")
    granted_scopes = serializers.ListField(child=Text(), help_text="What access level and scopes come to.")
    admin_functions = serializers.BooleanField(
        help_text="Whether it may also administer, as far as the role of its agent does."
    )
    tags = serializers.ListField(child=Text(), help_text="Patterns of operations, such as tickets.create.")
    addresses = serializers.ListField(child=Text(), help_text="From which alone it may be used.")
    rate_limit = serializers.IntegerField(min_value=1, allow_null=True, help_text="Null: as the plan says.")
    expires_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(STATES, help_text="Only a live key is let in.")
    secret_ends_with = Text()
    created_by = Id(allow_null=True)
    created_at = serializers.DateTimeField()
    regenerated_at = serializers.DateTimeField(allow_null=True)
    rotated_at = serializers.DateTimeField(allow_null=True)
    previous_secret = PreviousSecret(allow_null=True)
    suspended_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="By a request. What webhooks send by its rights does not count here."
    )
    last_address = Text(allow_null=True)


class ApiKeyWithSecret(ApiKey):
    """A key whose secret was just made. It is in this one answer and nowhere else."""

    secret = Text(
        allow_null=True,
        help_text="For `Authorization: Bearer SECRET`. Null in a repeated or rehearsed answer.",
    )
    code = Text(allow_null=True, help_text="The same with the key's id, for `Authorization: key CODE`.")


class KeyFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")
    kind = serializers.ChoiceField(KeyKind.values)
    agent = serializers.CharField(help_text="Acts as the agent with this id, or `none`.")
    owner = Id(help_text="The agent with this id answers for it.")
    state = serializers.ChoiceField(STATES)
