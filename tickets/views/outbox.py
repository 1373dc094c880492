"""Replies that were sent and can still be taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.actions.refusal import Refused
from tickets import actions, policy
from tickets.views.door import AgentRequest, workspace
from tickets.views.held import outbox
from tickets.views.pages import of_rows, row_of, views
from tickets.views.places import place_of
from tickets.views.ticket import conversation
from tickets.views.whole import in_full


@require_POST
@workspace
def take_back(request: AgentRequest, pk: int, draft_pk: int) -> HttpResponseBase:
    """The text returns to the composer."""
    held = policy.own_drafts(request.actor).filter(pk=draft_pk, ticket=pk).first()
    if held is None:
        return _said(request, _changed(request, pk), _("It has gone out already."))
    try:
        actions.take_back(held, actor=request.actor)
    except Refused as refused:
        return _said(request, _changed(request, pk), refused.message)
    return _changed(request, pk, given_back=True)


@require_POST
@workspace
def deliver(request: AgentRequest, pk: int, draft_pk: int) -> HttpResponseBase:
    """Send what is due, or with `now` at once."""
    held = policy.own_drafts(request.actor).filter(pk=draft_pk, ticket=pk).first()
    if held is not None:
        actions.deliver(held.pk, actor=request.actor if "now" in request.POST else None)
    return _changed(request, pk)


def _changed(request: AgentRequest, pk: int, *, given_back: bool = False) -> HttpResponseBase:
    """What looks different now: the row and the counts, and the ticket itself where it is open."""
    if not request.htmx:
        return redirect(reverse("tickets:ticket", args=[pk]))
    place = place_of(request)
    context: dict[str, Any] = {"place": place, "changed": True, "outbox": outbox(request.actor)}
    row = row_of(request, pk)
    ticket = in_full(request.actor, pk) if _is_open(request, pk) else None
    context |= {"row": row} | views(request.actor) | of_rows(request.actor)
    if ticket is not None:
        context |= conversation(request, ticket, place)
    context["given_back"] = given_back
    response = render(request, "tickets/_sent.html", context)
    response["HX-Reswap"] = "none"
    if given_back:
        told = {"ticket": pk, "url": reverse("tickets:ticket", args=[pk]), "here": ticket is not None}
        return trigger_client_event(response, "reply-taken-back", told, after="settle")
    return response


def _is_open(request: AgentRequest, pk: int) -> bool:
    """Does the agent look at this ticket?"""
    return request.htmx.current_url_abs_path is not None and request.htmx.current_url_abs_path.startswith(
        reverse("tickets:ticket", args=[pk])
    )


def _said(request: AgentRequest, response: HttpResponseBase, text: str) -> HttpResponseBase:
    if request.htmx and isinstance(response, HttpResponse):
        return trigger_client_event(response, "said", {"text": text, "kind": "error"})
    messages.error(request, text)
    return response
