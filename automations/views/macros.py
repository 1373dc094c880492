"""Applying macros: chosen, looked at, and then taken step by step."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import NotAllowed, require
from activity.models import Event
from automations import actions, policy, steps
from automations.models import Macro
from automations.views.offers import made_since, mark, take_back
from tickets.actions.writing import Body
from tickets.models import Ticket
from tickets.views.answers import WayBack, or_refusal, told
from tickets.views.door import AgentRequest, found, workspace
from tickets.views.pages import shell
from tickets.views.places import place_of
from tickets.views.sentences import sentence
from tickets.views.ticket import after_change

MOST = 200
HOUR = 60 * 60


@require_safe
@workspace
def choose(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The macros that are there for this agent."""
    require(request.actor, Permission.MACROS_READ)
    ticket = found(request.actor, pk)
    macros = list(policy.offered_macros(request.actor)[:MOST])
    rows = steps.rows_of([macro.steps for macro in macros])
    offered = [(macro, steps.told(macro.steps, rows)) for macro in macros]
    return _asked(request, "automations/_choose.html", ticket, {"macros": offered})


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def apply(request: AgentRequest, pk: int, macro_pk: int) -> HttpResponseBase:
    """What a macro would do to the ticket now; and, once that was looked at, doing it."""
    ticket, macro = found(request.actor, pk), _macro(request, macro_pk)
    if "apply" not in request.POST:
        return _look(request, ticket, macro)
    before = mark(ticket)
    try:
        actions.apply_macro(macro, ticket=ticket, actor=request.actor, reply=actions.reply_in_a_moment)
    except (Refused, NotAllowed) as refusal:
        return _look(request, ticket, macro, problem=str(refusal))
    response = after_change(request, pk, place_of(request))
    if any(step["do"] == "reply" for step in macro.steps):
        return response  # The page tells already of the reply that goes out in a moment.
    text = _("“%(name)s” is applied to ticket %(number)s.") % {"name": macro, "number": pk}
    made = list(made_since(ticket, before, request.actor).values_list("pk", flat=True))
    return told(request, response, text, _way_back(request, ticket, made) if made else None)


@require_POST
@workspace
def undo(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Take back what a macro has just changed, all of it, where nobody changed the same since."""
    require(request.actor, Permission.MACROS_READ)
    ticket = found(request.actor, pk)
    try:
        number, ids = _signer(request).unsign_object(request.POST.get("token", ""), max_age=HOUR)
    except signing.BadSignature:
        raise BadRequest(_("This was done too long ago to be undone here.")) from None
    if number != ticket.pk:
        raise BadRequest(_("This was done too long ago to be undone here."))
    made = Event.objects.about(ticket).filter(pk__in=ids, agent=request.actor.agent)

    def do() -> HttpResponseBase:
        with transaction.atomic():
            take_back(made, request.actor)
        text = _("Ticket %(number)s is as it was.") % {"number": pk}
        return told(request, after_change(request, pk, place_of(request)), text)

    return or_refusal(request, do, pk)


def _signer(request: AgentRequest) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"automations.macros.{request.user.pk}")


def _way_back(request: AgentRequest, ticket: Ticket, made: list[int]) -> WayBack:
    url = reverse("automations:undo", args=[ticket.pk], query=place_of(request).parts)
    return WayBack(url, _signer(request).sign_object([ticket.pk, made], compress=True))


def _macro(request: AgentRequest, pk: int) -> Macro:
    macro = policy.visible_macros(request.actor).filter(pk=pk).first() if pk < 2**63 else None
    if macro is None:
        raise Http404(_("There is no such macro, or it is not shared with you."))
    return macro


def _look(request: AgentRequest, ticket: Ticket, macro: Macro, *, problem: str = "") -> HttpResponse:
    seen = actions.preview_macro(macro, ticket=ticket, actor=request.actor)
    context = {
        "macro": macro,
        "changes": [sentence(event) for event in seen.changes],
        "replies": [Body.from_markdown(text).html for text in seen.replies],
        "problem": problem or seen.problem,
        "told": steps.told(macro.steps),
    }
    return _asked(request, "automations/_look.html", ticket, context, status=422 if problem else 200)


def _asked(
    request: AgentRequest, template: str, ticket: Ticket, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """In the dialog of small forms, or as a page of its own."""
    place = place_of(request)
    context |= {"ticket": ticket, "place": place, "template": template}
    if request.htmx:
        response = render(request, template, context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#picker", "innerHTML"
        return response
    return render(request, "automations/ask.html", context | shell(request, place), status=status)
