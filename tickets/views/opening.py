"""A new ticket by hand: somebody rang, or an agent writes first."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import find_or_create_contact
from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import require
from tickets import actions, policy
from tickets.actions.writing import Body
from tickets.forms import NewTicketForm
from tickets.models import Ticket
from tickets.views.door import AgentRequest, workspace
from tickets.views.pages import shell
from tickets.views.places import Place, contact_at


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def new(request: AgentRequest) -> HttpResponseBase:
    require(request.actor, Permission.TICKETS_WRITE)
    if request.method != "POST":
        return _page(request, NewTicketForm(request.actor, initial=_known_contact(request)))
    form = NewTicketForm(request.actor, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        ticket = _open(form, request)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _page(request, form)
    except ValidationError as error:
        form.add_error("email", error)
        return _page(request, form)
    if not policy.visible(request.actor).filter(pk=ticket.pk).exists():
        return _opened_elsewhere(request, ticket)
    return redirect("tickets:ticket", ticket.pk)


@transaction.atomic
def _open(form: NewTicketForm, request: AgentRequest) -> Ticket:
    """Contact and tags are kept only if the ticket is."""
    given, actor = form.cleaned_data, request.actor
    by_agent = given["author"] == "agent"
    return actions.open_ticket(
        subject=given["subject"],
        body=Body.signed(given["body"], request.user) if by_agent else Body.from_markdown(given["body"]),
        contact=find_or_create_contact(email=given["email"], name=given["name"], actor=actor),
        actor=actor,
        by_agent=by_agent,
        team=given["team"],
        assignee=given["assignee"],
        priority=given["priority"],
        custom_fields=form.own_values,
        tags=actions.named_tags(given["tags"], actor=actor) if given["tags"] else [],
        attachments=given["attachments"],
    )


def _opened_elsewhere(request: AgentRequest, ticket: Ticket) -> HttpResponseBase:
    text = _("Ticket %(number)s is open. It is in a queue that you do not see.")
    messages.success(request, text % {"number": ticket.number})
    return redirect("tickets:home")


def _known_contact(request: AgentRequest) -> dict[str, str]:
    pk = request.GET.get("contact", "")
    if not pk.isdecimal() or len(pk) > 18:
        return {}
    contact = contact_at(request.actor, int(pk))
    address = contact.emails.values_list("address", flat=True).first()
    return {"email": address or "", "name": contact.name}


def _page(request: AgentRequest, form: NewTicketForm) -> HttpResponseBase:
    context = shell(request, Place()) | {"form": form}
    return render(request, "tickets/new.html", context, status=422 if form.is_bound else 200)
