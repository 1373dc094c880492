"""What applications call themselves: to get tokens, to end them, and to ask whether they are good."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from oauth2_provider.views.mixins import OAuthLibMixin

from accounts import attempts
from accounts.models import HelpdeskSettings
from accounts.networks import address_of
from apitokens.admission import FAILURES_PER_MINUTE

Endpoint = Callable[[HttpRequest], HttpResponse]


def core() -> Any:
    """The toolkit, with our server and validator behind it."""
    return OAuthLibMixin.get_oauthlib_core()


def endpoint(view: Endpoint) -> Endpoint:
    """POST over HTTPS, each parameter once, no cookies and no cache; who keeps failing waits a minute."""

    @csrf_exempt
    @sensitive_post_parameters("client_secret", "code", "code_verifier", "refresh_token", "token")
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = _refused(request) or view(request)
        if response.status_code in {400, 401} and attempts.too_many(
            f"api:{address_of(request)}", limit=FAILURES_PER_MINUTE, seconds=60
        ):
            response = fault("slow_down", "Too many requests that failed came from this address.", status=429)
            response["Retry-After"] = "60"
        response["Cache-Control"] = "no-store"
        return response

    return answer


def _refused(request: HttpRequest) -> HttpResponse | None:
    if settings.HTTPS_ONLY and not request.is_secure():
        return fault(
            "https_required",
            "This is answered over HTTPS only. Whatever secret was sent is known.",
            status=403,
        )
    for name, values in request.POST.lists():
        if len(values) > 1 and name != "resource":
            return fault("invalid_request", f"{name} is there {len(values)} times.")
    return None


def fault(error: str, description: str, *, status: int = 400) -> HttpResponse:
    """A refusal as RFC 6749, 5.2 has it."""
    return JsonResponse({"error": error, "error_description": description}, status=status)


@endpoint
def token(request: HttpRequest) -> HttpResponse:
    """RFC 6749, 4.1.3 and 6."""
    desk = HelpdeskSettings.objects.get(pk=1)
    if not desk.includes_api(timezone.now()):
        return fault("plan_required", "This helpdesk's plan does not include the API.", status=403)
    _uri, headers, body, status = core().create_token_response(request)
    return _answer(request, headers, body, status)


@endpoint
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009. Also a token that there is not has been revoked."""
    _uri, headers, body, status = core().create_revocation_response(request)
    return _answer(request, headers, body, status)


@endpoint
def introspect(request: HttpRequest) -> HttpResponse:
    """RFC 7662, for an application's own tokens."""
    uri, method, body, headers = core()._extract_params(request)
    headers, body, status = core().server.create_introspect_response(uri, method, body, headers)
    return _answer(request, headers, body, status)


def _answer(request: HttpRequest, headers: dict[str, str], body: str | None, status: int) -> HttpResponse:
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    if status == 401:
        # Who came with Basic is told that this is what failed; the others sent their secret in the form.
        response["WWW-Authenticate"] = 'Basic realm="helpdesk"'
    elif "WWW-Authenticate" in response:
        del response["WWW-Authenticate"]
    return response
