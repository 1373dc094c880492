"""Pages and mails speak the agent's language: the one he chose, else his browser's, else the helpdesk's.

Programs are spoken to in one language, whoever's key they hold, so that what they are told never depends on a person.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import Agent

FOR_PROGRAMS = "en"
"""What is stored for everybody is in it, too."""
_PROGRAMS = ("/api/", "/v1/", "/mcp", "/oauth/", "/.well-known/")
_PEOPLE = ("/oauth/authorize",)

Answer = Callable[[HttpRequest], HttpResponse]


def in_the_browsers_language(get_response: Answer) -> Answer:
    """Middleware. What the browser asks for, and for programs English; also for refusals that come early."""

    def answer(request: HttpRequest) -> HttpResponse:
        is_program = is_for_programs(request.path_info)
        language = FOR_PROGRAMS if is_program else translation.get_language_from_request(request)
        with translation.override(language):
            response = get_response(request)
        if "Content-Language" not in response.headers:
            response.headers["Content-Language"] = language
            if not is_program:
                patch_vary_headers(response, ["Accept-Language"])
        return response

    return answer


def in_the_agents_language(get_response: Answer) -> Answer:
    """Middleware. What the agent chose, where he chose one. Asks for him only where there is a session."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or is_for_programs(request.path_info):
            return get_response(request)
        language = chosen_by(request.user)
        if not language:
            return get_response(request)
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return answer


def chosen_by(agent: object) -> str:
    """The language that the agent chose; empty for whoever chose none. One that is no longer offered is none."""
    language = agent.language if isinstance(agent, Agent) else ""
    return language if language in dict(settings.LANGUAGES) else ""


def spoken_to(agent: Agent) -> AbstractContextManager[None]:
    """For mails: what is rendered within is in the agent's language, or the helpdesk's where he chose none."""
    return translation.override(chosen_by(agent) or settings.LANGUAGE_CODE)


def is_for_programs(path: str) -> bool:
    return path.startswith(_PROGRAMS) and not path.startswith(_PEOPLE)
