"""How verbs answer in the workspace: what happened in a sentence, or why nothing did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.actions.refusal import Refused
from tickets.views.door import AgentRequest
from tickets.views.places import place_of


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where a button beside the sentence takes back what it tells of, and what it sends there."""

    url: str
    token: str


def told(
    request: AgentRequest, response: HttpResponseBase, text: str, way_back: WayBack | None = None
) -> HttpResponseBase:
    """Say what happened: on the page that is there, or on the one that comes."""
    if request.htmx and isinstance(response, HttpResponse) and "HX-Redirect" not in response:
        undo = {"label": _("Undo"), "url": way_back.url, "token": way_back.token} if way_back else None
        return trigger_client_event(response, "said", {"text": text, "undo": undo})
    messages.success(request, text)
    return response


def or_refusal(request: AgentRequest, do: Callable[[], HttpResponseBase], pk: int) -> HttpResponseBase:
    """What `do` answers; when its verb is refused, the sentence on the ticket's page, which stays as it is."""
    try:
        return do()
    except Refused as refused:
        if request.htmx:
            response = HttpResponse(status=200)
            response["HX-Reswap"] = "none"
            return trigger_client_event(response, "said", {"text": refused.message, "kind": "error"})
        messages.error(request, refused.message)
        return redirect(f"{reverse('tickets:ticket', args=[pk])}?{place_of(request).query}")


def to_ticket(request: AgentRequest, pk: int) -> HttpResponseBase:
    """To another ticket, with the list that the agent came from."""
    address = f"{reverse('tickets:ticket', args=[pk])}?{place_of(request).query}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
