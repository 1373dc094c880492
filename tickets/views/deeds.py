"""What is done to a ticket by one button: nothing is asked, and it can be taken back as easily."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from activity.actor import Actor
from tickets import actions
from tickets.models import Ticket
from tickets.views.answers import or_refusal, told
from tickets.views.door import AgentRequest, found, number_in, workspace
from tickets.views.places import place_of
from tickets.views.ticket import after_change

Deed = tuple[Promise, Callable[[Ticket, Actor], object]]

DEEDS: dict[str, Deed] = {
    "follow": (
        gettext_lazy("You follow ticket %(number)s."),
        lambda ticket, actor: actions.follow(ticket, actor=actor),
    ),
    "unfollow": (
        gettext_lazy("You no longer follow ticket %(number)s."),
        lambda ticket, actor: actions.unfollow(ticket, actor=actor),
    ),
    "wake": (
        gettext_lazy("Ticket %(number)s is awake again."),
        lambda ticket, actor: actions.unsnooze(ticket, actor=actor),
    ),
    "unmerge": (
        gettext_lazy("Ticket %(number)s is a ticket of its own again."),
        lambda ticket, actor: actions.unmerge(ticket, actor=actor),
    ),
}


@require_POST
@workspace
def deed(request: AgentRequest, pk: int, name: str) -> HttpResponseBase:
    """Do it and show the ticket, or the one that `shown` names: what was merged is given back from the outer one."""
    if name not in DEEDS:
        raise Http404(_("Nothing of this name can be done to a ticket."))
    sentence, verb = DEEDS[name]
    ticket, shown = found(request.actor, pk), number_in(request.POST.get("shown", "")) or pk

    def do() -> HttpResponseBase:
        verb(ticket, request.actor)
        return told(request, after_change(request, shown, place_of(request)), sentence % {"number": pk})

    return or_refusal(request, do, shown)


@require_POST
@workspace
def unlink(request: AgentRequest, pk: int, other: int) -> HttpResponseBase:
    ticket, linked = found(request.actor, pk), found(request.actor, other)

    def do() -> HttpResponseBase:
        actions.unlink(ticket, to=linked, actor=request.actor)
        text = _("Tickets %(one)s and %(other)s are no longer linked.") % {"one": pk, "other": other}
        return told(request, after_change(request, pk, place_of(request)), text)

    return or_refusal(request, do, pk)
