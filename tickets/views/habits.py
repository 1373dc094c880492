"""How somebody sends, remembered in a cookie of his browser: with which status, and where he goes then."""

from __future__ import annotations

from dataclasses import dataclass

from django.http.response import HttpResponseBase

from tickets.forms import AFTER, MessageForm
from tickets.models import MessageKind, Status
from tickets.views.door import AgentRequest

COOKIE = "sending"
YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Habit:
    after: str
    status: Status | None
    others: list[Status | None]
    """What else can be sent with; None is no change of the status."""


def habit_of(request: AgentRequest, statuses: list[Status]) -> Habit:
    after, _dot, usual = request.COOKIES.get(COOKIE, "").partition(".")
    status = next((status for status in statuses if str(status.pk) == usual), None)
    others = [one for one in (None, *statuses) if one != status]
    return Habit(after if after in dict(AFTER) else "stay", status, others)


def remember(request: AgentRequest, response: HttpResponseBase, form: MessageForm) -> HttpResponseBase:
    """What was chosen for a reply is what is offered for the next one."""
    if form.cleaned_data["kind"] == MessageKind.REPLY:
        status = form.cleaned_data["status"]
        value = f"{form.cleaned_data['after'] or 'stay'}.{status.pk if status else ''}"
        response.set_cookie(
            COOKIE, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response
