"""What holds for every answer under /api, whoever gives it: id, headers, envelope, ETag, and a line in the log."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from accounts.api import call as calls
from accounts.api.errors import ApiError, not_found
from apitokens import request_log
from helpdesk.api.aliases import canonical, is_api
from helpdesk.api.errors import remember, unavailable

VARY = "Authorization, Accept, X-Agent-ID"
_OUTSIDE = {
    400: ("bad_request", "The request cannot be understood. Does its Host header name this helpdesk?"),
    403: ("forbidden", "This is not allowed."),
    405: ("method_not_allowed", "This path does not understand that method."),
    413: ("too_large", "The body is too large."),
}
"""Words for refusals that come from outside REST framework."""


class ApiMiddleware:
    """The outermost middleware. Everything outside the API passes through untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request.path_info):
            return self.get_response(request)
        call = calls.begin(request)
        request.path_info = canonical(request.path_info)
        response = self._answer(request, call)
        if response.status_code >= 400 and not _is_enveloped(response):
            response = _enveloped(call, _refusal(response.status_code), response)
        response = _not_modified(request, response, call.version)
        _add_headers(response, call)
        request_log.write(request, response, call)
        return response

    def _answer(self, request: HttpRequest, call: calls.ApiCall) -> HttpResponseBase:
        if settings.HTTPS_ONLY and not request.is_secure():
            message = "The API answers over HTTPS only. If the key was sent in the clear, regenerate it."
            return JsonResponse(remember(call, ApiError(403, "https_required", message)), status=403)
        return self.get_response(request)


def _is_enveloped(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def _refusal(status: int) -> ApiError:
    if status == 404:
        return not_found()
    if status == 503:
        return unavailable()
    default = ("server_error", "Something went wrong on our side. It has been noted under the request id.")
    reason, message = _OUTSIDE.get(status, default)
    return ApiError(status if status in _OUTSIDE else 500, reason, message)


def _enveloped(call: calls.ApiCall, error: ApiError, instead_of: HttpResponseBase) -> HttpResponse:
    response = JsonResponse(remember(call, error), status=error.status_code, headers=error.headers)
    for name in ("Allow", "Retry-After"):
        if name in instead_of.headers:
            response.headers[name] = instead_of.headers[name]
    return response


def _add_headers(response: HttpResponseBase, call: calls.ApiCall) -> None:
    headers = response.headers
    headers["X-Request-ID"] = call.request_id
    headers["Vary"] = VARY
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Cache-Control", "private, no-cache")
    if response.status_code == 401:
        headers["WWW-Authenticate"] = f'{challenge(call, "/api/v1")}, Key realm="helpdesk"'
    elif call.credential is not None:
        add_credential_headers(response, call)
    if call.reason == "insufficient_scope" and call.operation and call.operation.permission:
        scope = call.operation.permission
        headers["WWW-Authenticate"] = f'Bearer realm="helpdesk", error="insufficient_scope", scope="{scope}"'


def challenge(call: calls.ApiCall, resource: str) -> str:
    """What a 401 asks for at this address."""
    wrong = ', error="invalid_token"' if call.reason != "credentials_missing" else ""
    metadata = f'resource_metadata="{settings.SITE_URL}/.well-known/oauth-protected-resource{resource}"'
    return f'Bearer realm="helpdesk"{wrong}, {metadata}'


def add_credential_headers(response: HttpResponseBase, call: calls.ApiCall) -> None:
    """What the credential may, what this needed, and how much of its minute is left."""
    headers = response.headers
    if call.credential:
        headers["X-Scopes"] = " ".join(call.credential.scopes)
    permission = call.operation.permission if call.operation else None
    headers["X-Accepted-Scopes"] = str(permission or "")
    if rate := call.rate:
        headers["X-RateLimit-Limit"] = str(rate.limit)
        headers["X-RateLimit-Remaining"] = str(rate.remaining)
        headers["X-RateLimit-Reset"] = str(rate.reset)
        headers["RateLimit-Policy"] = f'"{rate.policy}";q={rate.limit};w=60'
        headers["RateLimit"] = f'"{rate.policy}";r={rate.remaining};t={rate.seconds_left}'


def _not_modified(request: HttpRequest, response: HttpResponseBase, version: int | None) -> HttpResponseBase:
    """GETs carry an ETag; a client that has this very answer already gets 304.

    Of a row that has versions it starts with the version, which is what `If-Match` compares.
    """
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or response.streaming:
        return response
    assert isinstance(response, HttpResponse)
    digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
    etag = quote_etag(digest if version is None else f"{version}-{digest}")
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
