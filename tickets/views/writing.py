"""Replies and notes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.actions.refusal import Refused
from activity.actor import Actor
from tickets import actions
from tickets.actions.drafts import Elsewhere
from tickets.forms import MessageForm
from tickets.models import MessageKind, Ticket
from tickets.views.door import AgentRequest, found, workspace
from tickets.views.habits import remember
from tickets.views.meanwhile import written_since
from tickets.views.places import Place, place_of
from tickets.views.ticket import after_change, conversation, ticket_page
from tickets.views.whole import in_full


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def write(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Send what was written. Whatever goes wrong, the text stays where it is."""
    place = place_of(request)
    if request.method != "POST":  # Somebody reloads after a refusal.
        return redirect(f"{reverse('tickets:ticket', args=[pk])}?{place.query}")
    ticket = found(request.actor, pk)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refusal(request, pk, form)
    news = _news(ticket, form, request.actor)
    if news:
        return _refusal(request, pk, form, news)
    try:
        _send(ticket, form, request.actor)
    except Elsewhere as elsewhere:
        return _refusal(request, pk, form, {"elsewhere": elsewhere})
    except Refused as refused:
        form.add_error(None, refused.message)
        return _refusal(request, pk, form)
    remember(form, request.actor)
    return _sent(request, pk, place, form)


def _news(ticket: Ticket, form: MessageForm, actor: Actor) -> dict[str, Any]:
    """What the writer has not seen yet, unless he sends anyway."""
    seen = form.cleaned_data["seen"]
    if seen is None or form.cleaned_data["anyway"]:
        return {}
    messages = list(written_since(ticket, actor, seen)[:20])
    return {"news": messages} if messages else {}


def _send(ticket: Ticket, form: MessageForm, actor: Actor) -> None:
    written, files = form.cleaned_data, form.cleaned_data["attachments"]
    body, version = written["body"], written["draft"]
    if version is not None and not written["anyway"]:
        actions.refuse_what_is_older(
            ticket, body=body, based_on=version, actor=actor, writer=written["writer"]
        )
    if written["kind"] == MessageKind.NOTE:
        actions.send_note(ticket, body=body, actor=actor, files=files)
    else:
        actions.hold_reply(ticket, body=body, actor=actor, files=files, status=written["status"])


def _sent(request: AgentRequest, pk: int, place: Place, form: MessageForm) -> HttpResponseBase:
    """On to where the agent goes after sending; after a note he stays."""
    is_note = form.cleaned_data["kind"] == MessageKind.NOTE
    after = "stay" if is_note else form.cleaned_data["after"] or "stay"
    if not request.htmx:
        return after_change(request, pk, place) if after == "stay" else redirect(place.url_here)
    response = after_change(request, pk, place)
    return trigger_client_event(response, "message-sent", {"ticket": pk, "after": after})


def _refusal(
    request: AgentRequest, pk: int, form: MessageForm, why: dict[str, Any] | None = None
) -> HttpResponse:
    """With scripts only the sentence travels: text and chosen files are still in the page."""
    context = {"form": form, **(why or {})}
    if request.htmx:
        response = render(request, "tickets/_refusal.html", context, status=422)
        response["HX-Retarget"], response["HX-Reswap"] = "#composer-errors", "innerHTML"
        return response
    place = place_of(request)
    shown = conversation(request, found(request.actor, pk, in_full), place)
    context["written"] = {"body": form["body"].value(), "kind": form["kind"].value()}
    return ticket_page(request, place, shown | context, status=422)
