"""Several agents at one ticket: who else is here, and what is new since the page was made."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import read_notifications_about
from activity.actor import Actor
from tickets import actions, news, policy
from tickets.models import Ticket
from tickets.templatetags.workspace import are_here, initials
from tickets.views.door import AgentRequest, found, number_in, numbers_in, workspace
from tickets.views.meanwhile import happened_since, written_since
from tickets.views.pages import as_rows, of_rows
from tickets.views.places import place_of
from tickets.views.ticket import after_change

MOST_ROWS = 100
"""Rows of a list that are told of at once: more than a screen shows."""


@require_POST
@workspace
def presence(request: AgentRequest, pk: int) -> HttpResponseBase:
    """A page's sign of life. Answered with who else is here and how much is new, or with nothing if that is known."""
    ticket = found(request.actor, pk)
    if "leave" in request.POST:
        actions.go_away(ticket, actor=request.actor)
        return HttpResponse(status=204)
    others = actions.be_present(
        ticket,
        actor=request.actor,
        is_typing=request.POST.get("typing") == "1",
        seen=number_in(request.POST.get("seen", "")) or 0,
        opens="first" in request.POST,
    )
    if "first" in request.POST:
        read_notifications_about(ticket, actor=request.actor)
    actions.deliver_due()
    number = _news(request, ticket, request.actor)
    rows = _rows(request.actor, request.POST.getlist("row"))
    known = f"{[(one.name, one.is_typing) for one in others]} {number} {rows}"
    if request.POST.get("known") == known:
        return HttpResponse(status=204)
    context = {
        "ticket": ticket,
        "others": others,
        "new_count": number,
        "known": known,
        "place": place_of(request),
        "rows": rows,
        "changed": True,
    }
    return render(request, "tickets/_together.html", context)


@require_safe
@workspace
def rows(request: AgentRequest) -> HttpResponseBase:
    """What a list asks every few seconds where no ticket is open: who is where, and what is new."""
    told = _rows(request.actor, request.GET.getlist("row"))
    if request.GET.get("known") == told:
        return HttpResponse(status=204)
    return render(request, "tickets/_live.html", {"rows": told, "changed": True})


@require_POST
@workspace
def mark(request: AgentRequest) -> HttpResponseBase:
    """Mark tickets as unread, or with `read` as read."""
    numbers = numbers_in(request.POST.getlist("ticket"), most=MOST_ROWS)
    tickets, place = list(policy.visible(request.actor).filter(pk__in=numbers)), place_of(request)
    (actions.mark_read if request.POST.get("read") else actions.mark_unread)(tickets, actor=request.actor)
    if not request.htmx:
        return redirect(place.url_here)
    shown = as_rows(numbers, request.actor)
    opened = number_in(request.POST.get("open", ""))
    context = {"place": place, "marked": shown, "changed": True} | of_rows(request.actor)
    context["ticket"] = next((row for row in shown if row.pk == opened), None)
    return render(request, "tickets/_marked.html", context)


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


def _rows(actor: Actor, asked: Iterable[str]) -> str:
    """What is told of rows, as JSON by their numbers: is it new, initials, who is there. null: it is gone.

    Nothing if none is asked.
    """
    numbers = numbers_in(asked, most=MOST_ROWS)
    if not numbers:
        return ""
    rows = news.told(policy.visible(actor).filter(pk__in=numbers), actor, news.recently()).order_by("pk")
    told = rows.values_list("pk", "is_new", "there")  # type: ignore[misc]
    there = {pk: [is_new, initials(names), are_here(names)] for pk, is_new, names in told}
    return json.dumps({pk: there.get(pk) for pk in sorted(numbers)})
