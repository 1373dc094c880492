"""Every question of the toolkit that touches what we store, answered from our own tables and by our own verbs."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError

from accounts.permissions import ADMINISTRATIVE, meaning
from activity.actor import Actor, Door
from apitokens import secrets
from apitokens.actions import tokens
from apitokens.models import AccessToken, AuthorizationCode, RefreshToken
from apitokens.oauth.scopes import within
from apitokens.oauth.server import refuse_other_resources


class Validator(OAuth2Validator):
    """`request` is oauthlib's, which carries what one question found on to the next."""

    # --- The application ----------------------------------------------------------------------------------

    def _load_application(self, client_id: str | None, request: Request) -> Any:
        """No id of ours holds what the database could not even compare."""
        if not client_id or not client_id.isprintable() or not client_id.isascii():
            return None
        return super()._load_application(client_id, request)  # type: ignore[no-untyped-call]

    def _check_secret(self, provided_secret: str, stored_secret: bytes | None) -> bool:
        if stored_secret is None or not secrets.is_well_formed(provided_secret):
            return False
        return any(hmac.compare_digest(digest, stored_secret) for digest in secrets.digests(provided_secret))

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Of whoever keeps no secret. Others may use it, and are held to it when they do."""
        return bool(request.client.is_public)

    def is_origin_allowed(
        self, client_id: str, origin: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return False

    def validate_scopes(
        self, client_id: str, scopes: Iterable[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Some of it has to be the application's; of what is wider, the consent page offers that part (RFC 6749, 3.3).

        Clients that know nothing of us, as those of MCP, ask for all that the metadata names.
        """
        try:
            asked = meaning(scopes)
        except ValueError:
            return False
        return not asked & ADMINISTRATIVE and bool(asked & client.permissions)

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        refuse_other_resources(request)
        return grant_type in {"authorization_code", "refresh_token"}

    # --- The code -----------------------------------------------------------------------------------------

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        tokens.allow(
            request.client,
            actor=Actor(Door.WEB, agent=request.user),
            scopes=request.scopes,
            code=code["code"],
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge or "",
        )

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        row = _code(code, client)
        if row is None:
            return False
        if row.consumed_at is not None:
            tokens.end_family(row.family, why="code_replayed")
            return False
        if row.expires <= timezone.now() or (request.code_verifier is not None and not row.code_challenge):
            return False
        request.code_row, request.user, request.scopes = row, row.user, row.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.code_row.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return request.code_row.code_challenge_method or None

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str:
        """Only one address goes without saying."""
        addresses: list[str] = request.client.addresses
        if len(addresses) != 1 and request.grant_type:
            raise InvalidRequestError("Missing redirect_uri parameter.", request=request)
        return addresses[0] if len(addresses) == 1 else ""

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Any,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        if request.code_row.redirect_uri != redirect_uri:
            raise InvalidGrantError(
                "The redirect_uri is not the one of the authorization request.", request=request
            )
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """It was, by the very statement that decided who may have tokens for it."""

    # --- The tokens ---------------------------------------------------------------------------------------

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises InvalidGrantError when somebody else was faster with the same code or token."""
        pair = tokens.Pair(token["access_token"], token["refresh_token"], token["scope"], token["expires_in"])
        if request.grant_type == "refresh_token":
            done = tokens.refresh(request.refresh_row, pair)
        else:
            done = tokens.exchange(request.code_row, pair)
        if not done:
            raise InvalidGrantError(request=request)

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        row = _refresh_token(refresh_token)
        if row is None or row.consent.application_id != client.pk:
            return False
        if row.used_at is not None:
            tokens.end_family(row.family, why="refresh_token_reused")
        if not row.is_live:
            return False
        request.refresh_row, request.user = row, row.consent.agent
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Request, *args: Any, **kwargs: Any
    ) -> list[str]:
        scopes: list[str] = request.refresh_row.scope.split()
        return scopes

    def is_within_original_scope(
        self, request_scopes: list[str], refresh_token: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return within(request_scopes, request.refresh_row.scope.split())

    def rotate_refresh_token(self, request: Request) -> bool:
        return True

    def revoke_token(
        self, token: str, token_type_hint: str | None, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        row = _token(token, request.client)
        if row is not None:
            tokens.end_family(row.family, why="revoked_by_application")

    def introspect_token(
        self, token: str, token_type_hint: str | None, request: Request, *args: Any, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Only of the application's own tokens, and None for those that open nothing."""
        row = _token(token, request.client)
        if row is None or not row.is_live:
            return None
        return {
            "scope": row.scope,
            "client_id": request.client.client_id,
            "username": row.consent.agent.email,
            "sub": str(row.consent.agent_id),
            "token_type": "Bearer",
            "exp": int(row.expires.timestamp()),
            "iat": int(row.created.timestamp()),
        }

    def validate_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        """Nothing behind the toolkit's own views: our doors ask `apitokens.admission`."""
        return False


def _code(code: str, client: Any) -> AuthorizationCode | None:
    rows = AuthorizationCode.objects.filter(code__in=secrets.code_digests(code), application=client)
    return rows.select_related("user__role").first()


def _refresh_token(token: str) -> RefreshToken | None:
    if not secrets.is_well_formed(token):
        return None
    rows = RefreshToken.objects.filter(digest__in=secrets.digests(token))
    return rows.select_related("consent__agent__role", "consent__application").first()


def _token(token: str, client: Any) -> AccessToken | RefreshToken | None:
    """An access or refresh token of this application: its prefix says which."""
    if not secrets.is_well_formed(token):
        return None
    model: Any = RefreshToken if secrets.prefix_of(token) == secrets.REFRESH_PREFIX else AccessToken
    rows = model.objects.filter(digest__in=secrets.digests(token), consent__application=client)
    found: AccessToken | RefreshToken | None = rows.select_related(
        "consent__agent", "consent__application"
    ).first()
    return found
