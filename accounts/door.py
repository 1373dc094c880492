"""What every page for signed-in agents begins with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import Agent
from activity.actor import Actor, Door

P = ParamSpec("P")
_YEAR = 365 * 24 * 60 * 60


class AgentRequest(HttpRequest):
    """A request of somebody who is signed in, with the actor that verbs and policies ask for."""

    user: Agent
    actor: Actor
    htmx: HtmxDetails


AgentView = Callable[Concatenate[AgentRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: AgentView[P]) -> View[P]:
    """Let only agents in. Others are sent to sign in and come back afterwards. Nothing is kept by caches."""

    @wraps(view)
    def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, Agent):
            return _to_sign_in(request)
        request.actor = Actor(Door.WEB, agent=request.user)  # type: ignore[attr-defined]
        return unstored(view(request, *args, **kwargs))  # type: ignore[arg-type]

    return enter


def unstored(response: HttpResponseBase) -> HttpResponseBase:
    """Keep the answer out of every cache, the browser's own included."""
    response["Cache-Control"] = "no-store"
    return response


def safe_next(request: HttpRequest, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where `next` points to, if that is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    # Anything else than a path would be read as the name of a view.
    return target if target.startswith("/") and _is_ours(request, target) else otherwise


def remembered(request: HttpRequest, choice: str, among: Collection[str]) -> HttpResponseRedirect:
    """Back to the page where something was chosen, which this browser keeps in a cookie of the same name."""
    response = HttpResponseRedirect(safe_next(request))
    chosen = request.POST.get(choice, "")
    if chosen in among:
        secure = request.is_secure()
        response.set_cookie(choice, chosen, max_age=_YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


def _is_ours(request: HttpRequest, target: str) -> bool:
    return url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    address = f"{settings.LOGIN_URL}?{urlencode({'next': _here(request)})}"
    is_fragment = "HX-Request" in request.headers
    return unstored(HttpResponseClientRedirect(address) if is_fragment else HttpResponseRedirect(address))


def _here(request: HttpRequest) -> str:
    """The page that the agent looks at: for a form or a fragment, the one that it is on."""
    page = request.headers.get("HX-Current-URL")
    if page is None and request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = page or request.headers.get("Referer", "")
    parts = urlsplit(page)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if _is_ours(request, page) else settings.LOGIN_REDIRECT_URL
