"""The bell: what happened that concerns the agent. A page of its own, and a sheet under the bell."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, notices
from accounts.models import Notification
from activity.actor import Actor
from tickets import policy
from tickets.models import Ticket
from tickets.views.door import AgentRequest, is_fragment_for, workspace
from tickets.views.pages import shell
from tickets.views.places import HOME, Place

SHEET, PAGE = 10, 50


@require_safe
@workspace
def notifications(request: AgentRequest) -> HttpResponseBase:
    before = request.GET.get("before", "")
    older_than = int(before) if before.isdecimal() and len(before) <= 18 else None
    if is_fragment_for(request, "bell-sheet"):
        return render(request, "tickets/_notifications.html", _told(request.actor, SHEET))
    context = shell(request, Place(view=HOME)) | {"here": ""} | _told(request.actor, PAGE, older_than)
    return render(request, "tickets/notifications.html", context)


@require_safe
@workspace
def unread(request: AgentRequest) -> HttpResponseBase:
    """The bell's number. Nothing when it is the one that the page shows already."""
    number = notices.unread(request.actor)
    if request.GET.get("known") == str(number):
        return HttpResponse(status=204)
    return render(request, "tickets/_bell_count.html", {"unread": number})


@require_POST
@workspace
def follow(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Go to what a notification is about; it is read by that."""
    told = notices.visible(request.actor).filter(pk=pk).first() if pk < 2**63 else None
    if told is None:
        raise Http404(_("This is gone, or you may not see it any more."))
    actions.read_notification(told, actor=request.actor)
    return redirect(notices.kind_of(told).url(told))


@require_POST
@workspace
def read_all(request: AgentRequest) -> HttpResponseBase:
    """Mark as read what the agent has in front of him, and not what came since."""
    newest = request.POST.get("newest", "")
    up_to = int(newest) if newest.isdecimal() and len(newest) <= 18 else None
    actions.read_all_notifications(actor=request.actor, up_to=up_to)
    if request.htmx:
        context = _told(request.actor, SHEET) | {"unread": notices.unread(request.actor), "changed": True}
        return render(request, "tickets/_notifications.html", context)
    return redirect("tickets:notifications")


def _tickets(actor: Actor, rows: list[Notification]) -> dict[int, Ticket]:
    """Those that notifications are about, with what their clocks say now. One query, if any."""
    ids = {row.subject_id for row in rows if row.subject_type == "ticket"}
    columns = ("sla", "category", "first_replied_at", "solved_at")
    return policy.visible(actor).only(*columns).in_bulk(ids) if ids else {}


def _ticket_of(row: Notification, tickets: dict[int, Ticket]) -> Ticket | None:
    return tickets.get(row.subject_id) if row.subject_type == "ticket" else None


def _told(actor: Actor, most: int, older_than: int | None = None) -> dict[str, Any]:
    """The newest notifications with their sentences, and where the list goes on."""
    rows = notices.visible(actor)
    rows = rows if older_than is None else rows.filter(pk__lt=older_than)
    found = list(rows.order_by("-pk")[: most + 1])
    tickets = _tickets(actor, found[:most])
    shown = [
        {"row": row, "sentence": notices.sentence(row), "ticket": _ticket_of(row, tickets)}
        for row in found[:most]
    ]
    return {
        "told": shown,
        "newest": found[0].pk if found else 0,
        "older": found[most - 1].pk if len(found) > most else None,
        "some_unread": any(row.read_at is None for row in found),
    }
