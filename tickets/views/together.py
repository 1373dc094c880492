"""Several agents at one ticket: who else is here, and what is new since the page was made."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import read_notifications_about
from activity.actor import Actor
from tickets import actions
from tickets.models import Ticket
from tickets.views.door import AgentRequest, found, number_in, workspace
from tickets.views.meanwhile import happened_since, written_since
from tickets.views.places import place_of
from tickets.views.ticket import after_change


@require_POST
@workspace
def presence(request: AgentRequest, pk: int) -> HttpResponseBase:
    """A page's sign of life. Answered with who else is here and how much is new, or with nothing if that is known."""
    ticket = found(request.actor, pk)
    if "leave" in request.POST:
        actions.go_away(ticket, actor=request.actor)
        return HttpResponse(status=204)
    others = actions.be_present(ticket, actor=request.actor, is_typing=request.POST.get("typing") == "1")
    if "first" in request.POST:
        read_notifications_about(ticket, actor=request.actor)
    actions.deliver_due()
    news = _news(request, ticket, request.actor)
    known = f"{[(one.name, one.is_typing) for one in others]} {news}"
    if request.POST.get("known") == known:
        return HttpResponse(status=204)
    context = {
        "ticket": ticket,
        "others": others,
        "new_count": news,
        "known": known,
        "place": place_of(request),
    }
    return render(request, "tickets/_presence.html", context | {"changed": True})


@require_safe
@workspace
def fresh(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The ticket as it is now, beside the text that is being written."""
    return after_change(request, pk, place_of(request))


def _news(request: AgentRequest, ticket: Ticket, actor: Actor) -> int:
    """How many messages and changes the page does not show. As long as the version is the same, there are none."""
    version, seen = number_in(request.POST.get("version", "")), number_in(request.POST.get("seen", ""))
    if version is None or seen is None or version >= ticket.version:
        return 0
    return written_since(ticket, actor, seen).count() + happened_since(ticket, actor, version).count()
