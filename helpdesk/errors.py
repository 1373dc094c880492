"""The pages that say what went wrong. They touch no database: it may be what went wrong."""

import logging
import sys

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.api import call as calls
from accounts.languages import Answer, is_for_programs
from helpdesk.api.errors import DATABASE_AWAY

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        too_much = _(
            "This is too long to be sent. Shorten it, and send it again; what you wrote is still there."
        )
        return _page(request, 400, BadRequest(too_much))
    return _page(request, 400)  # Django's words here are for programmers.


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    page = _page(
        request,
        403,
        PermissionDenied(_("This page was open for too long. Load it again, and send once more.")),
    )
    page.headers["X-Token"] = "stale"  # Scripts get a new one, where the same agent is signed in again.
    return page


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, exception)


def in_place_of_nothing(get_response: Answer) -> Answer:
    """Middleware. Django answers to a wrong method with an empty page; browsers show people one that says why."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = "text/html" in request.headers.get("Accept", "") and not is_for_programs(request.path_info)
        if response.status_code != 405 or not is_page or response.content:
            return response
        page = _page(request, 405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Tell a database that is away, which passes by itself, from a fault of ours."""
    if isinstance(sys.exception(), DATABASE_AWAY):
        response = _page(request, 503)
        response.headers["Retry-After"] = "5"
        return response
    number = calls.of(request).request_id
    # With it the traceback, which follows in the log, is found again.
    logger.error("%s %r failed under the number %s.", request.method, request.path, number)
    response = _page(request, 500, number=number)
    response.headers["X-Request-ID"] = number
    return response


def _page(
    request: HttpRequest, status: int, exception: Exception | None = None, number: str = ""
) -> HttpResponse:
    said = exception.args[0] if exception and exception.args else None
    # An unknown address says what was tried instead of a sentence.
    context = {"request": request, "sentence": said if isinstance(said, str) else None, "number": number}
    page = render_to_string(f"errors/{status}.html", context)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})
