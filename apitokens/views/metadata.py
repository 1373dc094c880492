"""Where everything is, for clients that find it out themselves (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from apitokens.oauth.scopes import OFFERED

SUFFIXES = ("", "api/v1", "mcp")
"""The paths below the site that have protected resources, which also stand behind the well-known address."""
METHODS = ["client_secret_post", "client_secret_basic", "none"]


@require_safe
def authorization_server(request: HttpRequest, suffix: str = "") -> JsonResponse:
    """One server speaks for all resources, so its document is the same wherever somebody looks for it."""
    _known(suffix)
    site = settings.SITE_URL
    return _public(
        {
            "issuer": site,
            "authorization_endpoint": f"{site}/oauth/authorize",
            "token_endpoint": f"{site}/oauth/token",
            "revocation_endpoint": f"{site}/oauth/revoke",
            "introspection_endpoint": f"{site}/oauth/introspect",
            "scopes_supported": list(OFFERED),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "introspection_endpoint_auth_methods_supported": METHODS,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "service_documentation": f"{site}/api/docs",
        }
    )


@require_safe
def protected_resource(request: HttpRequest, suffix: str = "") -> JsonResponse:
    """Of the API, of MCP, or of the whole site."""
    path = _known(suffix)
    site = settings.SITE_URL
    return _public(
        {
            "resource": f"{site}/{path}" if path else site,
            "authorization_servers": [site],
            "scopes_supported": list(OFFERED),
            "bearer_methods_supported": ["header"],
            "resource_name": "Helpdesk",
            "resource_documentation": f"{site}/api/docs",
        }
    )


def _known(suffix: str) -> str:
    path = suffix.strip("/")
    if path not in SUFFIXES:
        raise Http404
    return path


def _public(document: dict[str, Any]) -> JsonResponse:
    """These say nothing that is not known; a page from elsewhere may read them, too."""
    return JsonResponse(
        document, headers={"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
    )
