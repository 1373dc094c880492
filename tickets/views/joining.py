"""Two tickets that belong together: merging and linking them; and one that is two: splitting it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import actions, policy
from tickets.lists import NEWEST, Selection, in_order
from tickets.models import Message, Ticket
from tickets.splitting import SplitForm
from tickets.views.answers import to_ticket, told
from tickets.views.door import AgentRequest, found, is_fragment_for, number_in, workspace
from tickets.views.pages import shell
from tickets.views.places import place_of
from tickets.views.ticket import after_change

OFFERED = 8
"""Tickets that a search for the other one offers."""

page = require_http_methods(["GET", "HEAD", "POST"])

_HOW = {
    "merge": gettext_lazy("Merge #%(number)s into…"),
    "link": gettext_lazy("Link #%(number)s to…"),
}


@page
@workspace
def merge(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Search for the other ticket, look at what merging would do, do it."""
    ticket = found(request.actor, pk)
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    other = _named(request, "into")
    if other is None:
        return _search(request, ticket, "merge")
    if request.method != "POST":
        return _preview(request, ticket, other)
    try:
        actions.merge(ticket, into=other, actor=request.actor)
    except Refused as refused:
        return _preview(request, ticket, other, refused.message)
    text = _("Ticket %(number)s was merged into this one. You can unmerge it at any time.") % {"number": pk}
    return told(request, to_ticket(request, other.pk), text)


@page
@workspace
def link(request: AgentRequest, pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    other = _named(request, "into") if request.method == "POST" else None
    if other is None:
        return _search(request, ticket, "link")
    try:
        actions.link(ticket, to=other, actor=request.actor)
    except Refused as refused:
        return _search(request, ticket, "link", refused.message)
    return after_change(request, pk, place_of(request))


@page
@workspace
def split(request: AgentRequest, pk: int, message_pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    message = _message(request.actor, ticket, message_pk)
    form = SplitForm(request.POST or None, initial={"subject": ticket.subject})
    if form.is_valid():
        try:
            made = actions.split(ticket, message=message, actor=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            text = _("Split off from ticket %(number)s.") % {"number": pk}
            return told(request, to_ticket(request, made.pk), text)
    context = {"ticket": ticket, "message": message, "form": form, "title": _("Split off a message")}
    return _dialog(request, "_split", context, refused=form.is_bound)


def _named(request: AgentRequest, field: str) -> Ticket | None:
    """The other ticket, if one is named."""
    number = number_in(request.POST.get(field) or request.GET.get(field, ""))
    return None if number is None else found(request.actor, number, _with_counts)


def _message(actor: Actor, ticket: Ticket, pk: int) -> Message:
    rows = policy.visible_messages(actor).select_related("agent", "contact").filter(ticket=ticket)
    message = rows.filter(pk=pk).first() if pk < 2**63 else None
    if message is None:
        raise Http404(_("There is no such message in this ticket."))
    return message


def _with_counts(actor: Actor, pk: int) -> Ticket | None:
    read = Q(messages__kind__in=policy.readable_kinds(actor))
    rows = policy.visible(actor).select_related("status", "contact")
    return rows.annotate(told=Count("messages", filter=read)).filter(pk=pk).first()


def _search(request: AgentRequest, ticket: Ticket, how: str, refusal: str = "") -> HttpResponse:
    words = request.GET.get("find", "").replace("\x00", "").strip()
    context = {
        "ticket": ticket,
        "how": how,
        "words": words,
        "refusal": refusal,
        "title": _HOW[how] % {"number": ticket.number},
        "candidates": _candidates(request.actor, ticket, words),
        "place": place_of(request),
    }
    if is_fragment_for(request, "candidates"):
        return render(request, "tickets/_candidates.html", context)
    return _dialog(request, "_other_ticket", context, refused=bool(refusal))


def _candidates(actor: Actor, ticket: Ticket, words: str) -> list[Ticket]:
    """What the words find; without any, the contact's other tickets. A number stands for itself."""
    others = ~Q(pk=ticket.pk)
    if words:
        ids = Selection(actor, others, words=words).ids(limit=OFFERED)
        number = number_in(words.removeprefix("#"))
        ids = [number, *ids] if number and number != ticket.pk and number not in ids else ids
    else:
        ids = Selection(actor, others & Q(contact=ticket.contact_id), order=NEWEST).ids(limit=OFFERED)
    rows = policy.visible(actor).filter(merged_into=None).select_related("status", "contact")
    return in_order(ids, rows)


def _preview(request: AgentRequest, ticket: Ticket, other: Ticket, refusal: str = "") -> HttpResponse:
    context = {
        "ticket": ticket,
        "ending": found(request.actor, ticket.pk, _with_counts),
        "staying": other,
        "refusal": refusal,
        "title": _("Merge two tickets"),
    }
    return _dialog(request, "_merge", context, refused=bool(refusal))


def _dialog(request: AgentRequest, name: str, context: dict[str, Any], *, refused: bool) -> HttpResponse:
    """The form in a dialog over the ticket, or on a page of its own."""
    place, status = place_of(request), 422 if refused else 200
    context |= {"place": place, "template": f"tickets/{name}.html"}
    if is_fragment_for(request, "picker"):
        return render(request, context["template"], context, status=status)
    return render(request, "tickets/asking.html", context | shell(request, place), status=status)
