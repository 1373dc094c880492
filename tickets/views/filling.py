"""Filling in one custom field of a ticket, by a small form that is a page of its own or a dialog."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.refusal import Refused
from accounts.models import CustomField, Thing
from accounts.permissions import Permission
from tickets import actions, policy
from tickets.forms import FillInForm
from tickets.views.door import AgentRequest, found, is_fragment_for, workspace
from tickets.views.pages import shell
from tickets.views.places import place_of
from tickets.views.ticket import after_change


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def fill_in(request: AgentRequest, pk: int, key: str) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    field = CustomField.objects.on(Thing.TICKET).active().filter(key=key).first()
    if field is None:
        raise Http404(_("Tickets have no such field any more."))
    form = FillInForm(field, ticket, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_fields(ticket, values={key: form.cleaned_data["value"]}, actor=request.actor)
        except Refused as refused:
            form.add_error("value", refused.message)
        else:
            return after_change(request, pk, place_of(request))
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    return _picker(request, form, {"ticket": ticket, "form": form, "field": field})


def _picker(request: AgentRequest, form: FillInForm, context: dict[str, object]) -> HttpResponseBase:
    place, status = place_of(request), 422 if form.is_bound else 200
    context |= {"place": place}
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_fill_in.html", context, status=status)
    return render(request, "tickets/fill_in.html", context | shell(request, place), status=status)
