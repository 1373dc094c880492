"""Replies and notes."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.actions.refusal import Refused
from tickets import actions
from tickets.actions.writing import Body
from tickets.forms import MessageForm
from tickets.models import MessageKind, Ticket
from tickets.views.door import AgentRequest, found, workspace
from tickets.views.places import place_of
from tickets.views.ticket import after_change, conversation, ticket_page
from tickets.views.whole import in_full


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def write(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Send what was written. Whatever goes wrong, the text stays where it is."""
    if request.method != "POST":  # Somebody reloads after a refusal.
        return redirect(f"{reverse('tickets:ticket', args=[pk])}?{place_of(request).query}")
    ticket = found(request.actor, pk)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refusal(request, pk, form)
    try:
        _send(ticket, form, request)
    except Refused as refused:
        form.add_error(None, refused.message)
        return _refusal(request, pk, form)
    response = after_change(request, pk, place_of(request))
    return trigger_client_event(response, "message-sent", {"ticket": pk}) if request.htmx else response


def _send(ticket: Ticket, form: MessageForm, request: AgentRequest) -> None:
    written, files, actor = form.cleaned_data, form.cleaned_data["attachments"], request.actor
    if written["kind"] == MessageKind.NOTE:
        body = Body.from_markdown(written["body"])
        actions.note(ticket, body=body, actor=actor, attachments=files)
    else:
        body = Body.signed(written["body"], request.user)
        actions.reply(ticket, body=body, actor=actor, attachments=files, status=written["status"])


def _refusal(request: AgentRequest, pk: int, form: MessageForm) -> HttpResponse:
    """With scripts only the sentence travels: text and chosen files are still in the page."""
    if request.htmx:
        response = render(request, "tickets/_errors.html", {"form": form}, status=422)
        response["HX-Retarget"], response["HX-Reswap"] = "#composer-errors", "innerHTML"
        return response
    place = place_of(request)
    context = conversation(request, found(request.actor, pk, in_full(request.actor)), place)
    return ticket_page(request, place, context | {"form": form}, status=422)
