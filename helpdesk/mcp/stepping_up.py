"""Asking an application to come back with more: the challenge that makes its client show the consent page again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.api.call import ApiCall
from accounts.permissions import parse_scope
from accounts.policy import rights
from activity.actor import Actor
from apitokens.models import Application
from helpdesk.mcp.eras import is_stateless


def challenge(error: dict[str, Any], request: HttpRequest, call: ApiCall) -> str:
    """What WWW-Authenticate says to a refusal. Nothing where no consent could mend it.

    A bot token's scopes are changed by an admin alone, and an agent consents to nothing that the application is not
    registered for or his role does not hold: clients would ask him in vain, or not show the refusal at all.
    """
    if error.get("decided_by") != "scope" or call.credential is None or call.credential.method != "oauth":
        return ""
    needed = _obtainable(error["required_scopes"], call)
    if not needed:
        return ""
    # Since 2026-07-28 clients keep the scopes they had; those before come back with what the challenge names alone.
    scopes = [needed] if is_stateless(request) else [*call.credential.scopes, needed]
    metadata = f"{settings.SITE_URL}/.well-known/oauth-protected-resource/mcp"
    return (
        f'Bearer realm="helpdesk", error="insufficient_scope", scope="{" ".join(scopes)}", '
        f'resource_metadata="{metadata}"'
    )


def _obtainable(required: list[str], call: ApiCall) -> str:
    """The first of the scopes, each of which would do, that the agent could still grant to the application."""
    assert call.credential is not None
    assert call.actor is not None
    application = Application.objects.get(consents=call.credential.id)
    could = application.permissions & rights(Actor(call.actor.door, agent=call.actor.agent))
    return next((scope for scope in required if parse_scope(scope) <= could), "")
