"""The contact of a ticket, changed where it stands."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions as people
from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import require
from tickets.contact_form import ContactForm
from tickets.views.door import AgentRequest, found, is_fragment_for, workspace
from tickets.views.pages import shell
from tickets.views.places import contact_at, place_of
from tickets.views.ticket import after_change


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def edit(request: AgentRequest, pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    contact = contact_at(request.actor, ticket.contact_id)
    require(request.actor, Permission.CONTACTS_WRITE)
    form = ContactForm(request.actor, contact, request.POST or None)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            people.update_contact(contact, actor=request.actor, based_on=given.pop("version"), **given)
        except Refused as refused:
            shown = refused.field in form.fields and refused.field != "version"
            form.add_error(refused.field if shown else None, refused.message)
        else:
            return after_change(request, pk, place_of(request))
    place, status = place_of(request), 422 if form.is_bound else 200
    context = {"ticket": ticket, "contact": contact, "form": form, "place": place}
    context |= {"template": "tickets/_contact.html", "title": _("Edit the contact")}
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_contact.html", context, status=status)
    return render(request, "tickets/asking.html", context | shell(request, place), status=status)
