"""REST framework's authentication: whoever brings a credential is let in at the API's door, or refused."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api import call as calls
from accounts.models import Agent
from activity.actor import Door
from apitokens.admission import admit
from apitokens.lookup import FoundKey


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer hdk_…` and `Authorization: key ID:hdk_…`."""

    def authenticate(self, request: Request) -> tuple[Agent | None, FoundKey] | None:
        """The acting agent (None for a superuser key that has chosen none) and the key, or a refusal."""
        key = admit(request._request, Door.API)
        if key is None:
            return None
        actor = calls.of(request._request).actor
        return actor.agent if actor else None, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
