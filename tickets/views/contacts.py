"""The contact of a ticket and its organization, changed where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions as people
from accounts.actions.refusal import Faulty, Refused, Stale
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.policy import require, visible
from tickets.contact_form import ContactForm, KnownForm, OrganizationForm
from tickets.models import Ticket
from tickets.views.door import AgentRequest, found, is_fragment_for, workspace
from tickets.views.pages import shell
from tickets.views.places import contact_at, place_of
from tickets.views.ticket import after_change

Verb = Callable[..., Any]


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def edit(request: AgentRequest, pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    contact = contact_at(request.actor, ticket.contact_id)
    require(request.actor, Permission.CONTACTS_WRITE)
    form = ContactForm(request.actor, contact, request.POST or None)
    about = {"title": _("Edit the contact"), "what": "contact"}
    return _edit(request, ticket, form, people.update_contact, about)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def edit_organization(request: AgentRequest, pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    organization = visible(request.actor, Organization).filter(tickets=ticket).first()
    if organization is None:
        raise Http404(_("The ticket has no organization, or you may not see organizations."))
    require(request.actor, Permission.ORGANIZATIONS_WRITE)
    form = OrganizationForm(request.actor, organization, request.POST or None)
    about = {"title": _("Edit the organization"), "what": "organization"}
    return _edit(request, ticket, form, people.change, about)


def _edit(
    request: AgentRequest, ticket: Ticket, form: KnownForm, verb: Verb, about: dict[str, str]
) -> HttpResponseBase:
    """Ask, or change what was changed and show the ticket. What is refused stays in the form."""
    if form.is_valid():
        try:
            verb(form.row, actor=request.actor, based_on=form.cleaned_data["version"], **form.given)
        except Stale as stale:
            form.show_clash(stale)
        except Refused as refused:
            _explain(form, refused)
        else:
            return after_change(request, ticket.pk, place_of(request))
    place, status = place_of(request), 422 if form.is_bound else 200
    address = f"{reverse('tickets:edit_' + about['what'], args=[ticket.pk])}?{place.query}"
    context = {"ticket": ticket, "form": form, "place": place, "template": "tickets/_contact.html"}
    context |= about | {"address": address}
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_contact.html", context, status=status)
    return render(request, "tickets/asking.html", context | shell(request, place), status=status)


def _explain(form: KnownForm, refused: Refused) -> None:
    """At the field that is at fault, if the form has it."""
    one = {refused.field: (refused.code, refused.message)}
    faults = refused.faults if isinstance(refused, Faulty) else one
    for name, (_code, sentence) in faults.items():
        form.add_error(name if name in form.fields and name != "version" else None, sentence)
