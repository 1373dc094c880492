"""Where an application sends an agent to be allowed: the authorization endpoint (RFC 6749, RFC 7636, RFC 9207)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidClientIdError,
    InvalidRedirectURIError,
    MismatchingRedirectURIError,
    MissingClientIdError,
    MissingRedirectURIError,
    OAuth2Error,
)

from accounts.admin.fields import in_words
from accounts.door import AgentRequest, signed_in
from accounts.models import HelpdeskSettings
from accounts.permissions import parse_scope
from accounts.policy import rights
from apitokens import redirects
from apitokens.models import Application
from apitokens.oauth.scopes import narrowed, without_repetition
from apitokens.views.endpoints import core

page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Offered:
    """A scope that the agent may grant: its own name, what it means in words, and whether it is ticked."""

    scope: str
    words: str
    is_chosen: bool


@page
@signed_in
def authorize(request: AgentRequest) -> HttpResponseBase:
    """Ask the agent, and send him back to the application with a code or with a no."""
    if any(len(values) > 1 for name, values in request.GET.lists() if name != "resource"):
        return _problem(request, _("The application sent something twice in its request."), 400)
    try:
        wanted, asked = core().validate_authorization_request(request)
    except FatalClientError as fault:
        return _problem(request, _explained(fault.oauthlib_error), 400)
    except OAuthToolkitError as fault:
        return _back_with_error(fault.oauthlib_error)
    application: Application = asked["request"].client
    if not HelpdeskSettings.objects.get(pk=1).includes_api(timezone.now()):
        plan = _(
            "This helpdesk’s plan does not include programs. An admin can change the plan or start a trial."
        )
        return _problem(request, plan, 403)
    if request.method == "POST" and "deny" in request.POST:
        denied = AccessDeniedError(state=asked["state"])
        denied.redirect_uri = asked["redirect_uri"]
        return _back_with_error(denied, application)
    return _decided(request, application, wanted, asked)


def _decided(
    request: AgentRequest, application: Application, wanted: list[str], asked: dict[str, Any]
) -> HttpResponseBase:
    possible = without_repetition(narrowed(wanted, application.permissions & rights(request.actor)))
    chosen = [scope for scope in possible if scope in request.POST.getlist("scopes")]
    if request.method == "POST" and chosen:
        uri, *_rest = core().create_authorization_response(request, chosen, asked, allow=True)
        return _back(uri, application)
    offered = [
        Offered(scope, in_words(parse_scope(scope)), request.method != "POST" or scope in chosen)
        for scope in possible
    ]
    missing = without_repetition(narrowed(wanted, application.permissions - rights(request.actor)))
    context = {
        "application": application,
        "offered": offered,
        "missing": [in_words(parse_scope(scope)) for scope in missing],
        "place": redirects.origin(asked["redirect_uri"]),
        "errors": [_("Tick at least one thing, or say no.")] if request.method == "POST" else [],
    }
    response = render(
        request, "oauth/authorize.html", context, status=422 if request.method == "POST" else 200
    )
    # Browsers hold the answer to a form, too, to where forms may go.
    response._csp_update = {"form-action": [redirects.origin(asked["redirect_uri"])]}  # type: ignore[attr-defined]
    return response


def _back_with_error(error: OAuth2Error, application: Application | None = None) -> HttpResponseBase:
    """To the application, which was checked to be registered with this address before anything else."""
    return _back(
        add_params_to_uri(error.redirect_uri, [*error.twotuples, ("iss", settings.SITE_URL)]), application
    )


def _back(uri: str, application: Application | None) -> HttpResponse:
    schemes = application.get_allowed_schemes() if application else [redirects.scheme_of(uri)]
    response: HttpResponse = OAuth2ResponseRedirect(uri, schemes)
    return response


def _problem(request: AgentRequest, sentence: str, status: int) -> HttpResponseBase:
    """Nobody is sent anywhere: where to is just what cannot be believed."""
    return render(request, "oauth/problem.html", {"sentence": sentence}, status=status)


_FAULTS: dict[type[OAuth2Error], Any] = {
    InvalidClientIdError: _lazy(
        "No application is registered here under the id that was sent, or it is disabled."
    ),
    MissingClientIdError: _lazy("The application did not say which it is."),
    MismatchingRedirectURIError: _lazy(
        "The application asked to send you to an address that it is not registered with."
    ),
    InvalidRedirectURIError: _lazy("The application asked to send you to something that is no address."),
    MissingRedirectURIError: _lazy("The application did not say where to send you afterwards."),
}


def _explained(error: OAuth2Error) -> str:
    return str(_FAULTS.get(type(error), error.description or error.error))
