"""Which grants there are: the authorization code, with S256 and nothing weaker, and its refreshing."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from oauthlib.common import Request
from oauthlib.oauth2 import AuthorizationCodeGrant, WebApplicationServer
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error, InvalidRequestError
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256

from apitokens import secrets

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class CodeGrant(AuthorizationCodeGrant):
    """`plain` is no method of ours: to whoever sees the request it tells the verifier."""

    _code_challenge_methods = {"S256": code_challenge_method_s256}

    def validate_authorization_request(self, request: Request) -> Any:
        """Where the answer goes is checked before what it says, so that faults reach the application."""
        validated = super().validate_authorization_request(request)
        if request.code_challenge is not None and not _CHALLENGE.fullmatch(request.code_challenge):
            raise InvalidRequestError("A code_challenge of S256 has 43 characters.", request=request)
        refuse_other_resources(request)
        return validated


class Server(WebApplicationServer):
    """What the toolkit's endpoints speak through."""

    def __init__(self, request_validator: Any, token_expires_in: int, **_others: Any) -> None:
        super().__init__(
            request_validator,
            token_generator=lambda request: secrets.generate(secrets.ACCESS_PREFIX),
            token_expires_in=token_expires_in,
            refresh_token_generator=lambda request: secrets.generate(secrets.REFRESH_PREFIX),
        )
        self.auth_grant = CodeGrant(request_validator)
        self.response_types["code"] = self.grant_types["authorization_code"] = self.auth_grant


def refuse_other_resources(request: Request) -> None:
    """RFC 8707: a token opens the API and MCP of this helpdesk, whichever of them is named, and nothing else."""
    named = [*request.uri_query_params, *(request.decoded_body or [])]
    for name, value in named:
        if name == "resource" and value.rstrip("/") not in resources():
            raise CustomOAuth2Error(
                "invalid_target",
                f"This helpdesk's resources are {', '.join(resources()[1:])}.",
                request=request,
            )


def resources() -> list[str]:
    """What tokens are for: the site, its API and its MCP endpoint."""
    return [f"{settings.SITE_URL}{path}" for path in ("", "/api/v1", "/mcp")]
