"""The pages that say what went wrong. They touch no database: it may be what went wrong."""

import sys

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from helpdesk.api.errors import DATABASE_AWAY


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)  # Django's words here are for programmers.


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        PermissionDenied(_("This page was open for too long. Load it again, and send once more.")),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Tell a database that is away, which passes by itself, from a fault of ours."""
    if isinstance(sys.exception(), DATABASE_AWAY):
        response = _page(request, 503)
        response.headers["Retry-After"] = "5"
        return response
    return _page(request, 500)


def _page(request: HttpRequest, status: int, exception: Exception | None = None) -> HttpResponse:
    said = exception.args[0] if exception and exception.args else None
    # An unknown address says what was tried instead of a sentence.
    context = {"request": request, "sentence": said if isinstance(said, str) else None}
    page = render_to_string(f"errors/{status}.html", context)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})
