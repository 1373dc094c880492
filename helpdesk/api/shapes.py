"""What the root of the API answers with, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Text


class ReachablePath(serializers.Serializer[Any]):
    methods = serializers.ListField(child=serializers.ChoiceField(["GET", "POST", "PUT", "PATCH", "DELETE"]))
    url = Text(help_text="Put an id in the place of {id}.")


class Index(serializers.Serializer[Any]):
    """What a credential can reach."""

    paths = serializers.DictField(
        child=ReachablePath(), help_text="By path below the base, such as tickets/{id}."
    )
    docs_url = serializers.URLField()


class Auth(serializers.Serializer[Any]):
    schemes = serializers.ListField(
        child=Text(), help_text="What may stand first in the Authorization header."
    )
    oauth_metadata_url = serializers.URLField(
        help_text="Where OAuth 2.0 says what it understands (RFC 8414)."
    )


class Discovery(serializers.Serializer[Any]):
    """What a client needs to know before it has a key."""

    helpdesk_uuid = serializers.UUIDField()
    is_helpdesk = serializers.BooleanField()
    name = Text()
    helpdesk_url = serializers.URLField()
    base_api_url = serializers.URLField()
    build = Text()
    api_versions = serializers.ListField(child=Text())
    auth = Auth()
    openapi_url = serializers.URLField()
    docs_url = serializers.URLField()
    browser_url = serializers.URLField()
    mcp_url = serializers.URLField(help_text="Where assistants with a bot token are let in, over MCP.")
