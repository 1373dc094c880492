"""Filling in one custom field of a ticket, by a small form that is a page of its own or a dialog."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.refusal import Refused, Stale
from accounts.custom_fields import in_words, typed
from accounts.models import CustomField, Thing
from accounts.permissions import Permission
from tickets import actions, policy
from tickets.forms import FillInForm
from tickets.models import Ticket
from tickets.views.clashes import Clash, based_on, clash
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
    clashing = None
    if request.method == "POST" and form.is_valid():
        try:
            _fill_in(ticket, key, form, request)
        except Stale:
            ticket = found(request.actor, pk)
            clashing = _clash(ticket, form, request)
        except Refused as refused:
            form.add_error("value", refused.message)
        else:
            return after_change(request, pk, place_of(request))
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    # What is chosen by one click answers to the page below, what is edited answers to what the form shows.
    seen = based_on(request) if form.look == "choice" or form.is_bound else None
    version = ticket.version if clashing else seen or ticket.version
    context = {"ticket": ticket, "form": form, "field": field, "clash": clashing, "version": version}
    context |= {
        "by_click": form.look == "choice",
        "sent": typed(form.cleaned_data["value"]) if clashing else "",
    }
    return _picker(request, form, context)


@transaction.atomic
def _fill_in(ticket: Ticket, key: str, form: FillInForm, request: AgentRequest) -> None:
    """Others' changes of other fields since then are kept; one of the same field raises Stale."""
    values, seen = {key: form.cleaned_data["value"]}, based_on(request)
    if seen is not None:
        actions.refuse_clash(ticket, {"custom_fields": values}, based_on=seen, actor=request.actor)
    actions.set_fields(ticket, values=values, actor=request.actor)


def _clash(ticket: Ticket, form: FillInForm, request: AgentRequest) -> Clash:
    field, nothing = form.custom, _("nothing")
    now, yours = ticket.custom_fields.get(field.key), form.cleaned_data["value"]
    told = {"now": in_words(now, field.kind) or nothing, "yours": in_words(yours, field.kind) or nothing}
    return clash(ticket, field.path, based_on(request), **told)


def _picker(request: AgentRequest, form: FillInForm, context: dict[str, object]) -> HttpResponseBase:
    place, status = place_of(request), 422 if form.is_bound else 200
    context |= {"place": place}
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_fill_in.html", context, status=status)
    return render(request, "tickets/fill_in.html", context | shell(request, place), status=status)
