"""Changing one property of a ticket, by a small form that is a page of its own or a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions.refusal import Refused, Stale
from accounts.permissions import Permission
from activity.actor import Actor
from activity.models import Event
from tickets import actions, policy
from tickets.forms import (
    AssigneeForm,
    ChangeForm,
    LanguageForm,
    PriorityForm,
    StatusForm,
    SubjectForm,
    TagsForm,
    TeamForm,
)
from tickets.models import Ticket
from tickets.moments import SnoozeForm
from tickets.views.door import AgentRequest, found, is_fragment_for, number_in, workspace
from tickets.views.pages import shell
from tickets.views.places import place_of
from tickets.views.ticket import after_change


@dataclass(frozen=True, slots=True)
class Change:
    title: Promise
    form: type[ChangeForm]
    verb: Callable[[Ticket, Any, Actor], object]
    kind: str = "choice"
    """How the form looks: choice (one click), text, tags, or time."""
    value: Callable[[Any, Actor], Any] = lambda form, actor: form.cleaned_data["value"]
    """What it is set to."""


CHANGES: dict[str, Change] = {
    "status": Change(
        gettext_lazy("Set the status"),
        StatusForm,
        lambda ticket, form, actor: actions.set_status(
            ticket, status=form.cleaned_data["value"], actor=actor
        ),
    ),
    "priority": Change(
        gettext_lazy("Set the priority"),
        PriorityForm,
        lambda ticket, form, actor: actions.set_priority(
            ticket, priority=form.cleaned_data["value"], actor=actor
        ),
    ),
    "assignee": Change(
        gettext_lazy("Assign to"),
        AssigneeForm,
        lambda ticket, form, actor: actions.assign(ticket, to=form.cleaned_data["value"], actor=actor),
    ),
    "team": Change(
        gettext_lazy("Move to the team"),
        TeamForm,
        lambda ticket, form, actor: actions.move_to_team(
            ticket, team=form.cleaned_data["value"], actor=actor
        ),
    ),
    "subject": Change(
        gettext_lazy("Edit the subject"),
        SubjectForm,
        lambda ticket, form, actor: actions.edit_subject(
            ticket, subject=form.cleaned_data["value"], actor=actor
        ),
        kind="text",
    ),
    "language": Change(
        gettext_lazy("Set the language"),
        LanguageForm,
        lambda ticket, form, actor: actions.set_language(
            ticket, language=form.cleaned_data["value"], actor=actor
        ),
        kind="text",
    ),
    "tags": Change(
        gettext_lazy("Tags"),
        TagsForm,
        lambda ticket, form, actor: actions.set_tags(
            ticket, tags=actions.named_tags(form.names, actor=actor), actor=actor
        ),
        kind="tags",
        value=lambda form, actor: actions.named_tags(form.names, actor=actor),
    ),
    "snooze": Change(
        gettext_lazy("Snooze until"),
        SnoozeForm,
        lambda ticket, form, actor: actions.snooze(ticket, until=form.cleaned_data["value"], actor=actor),
        kind="time",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def change(request: AgentRequest, pk: int, field: str) -> HttpResponseBase:
    wanted = CHANGES.get(field)
    if wanted is None:
        raise Http404(_("Tickets have no such property."))
    ticket = found(request.actor, pk)
    form = wanted.form(request.actor, ticket, request.POST if request.method == "POST" else None)
    clash = None
    if request.method == "POST" and form.is_valid():
        try:
            _change(ticket, field, form, request)
        except Stale:
            ticket = found(request.actor, pk)
            form.ticket = ticket
            clash = _clash(ticket, field, form, _based_on(request))
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return after_change(request, pk, place_of(request))
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    return _picker(request, ticket, form, field, clash)


@transaction.atomic
def _change(ticket: Ticket, field: str, form: ChangeForm, request: AgentRequest) -> None:
    """Others' changes of other properties since then are kept; one of the same property raises Stale."""
    wanted, actor, based_on = CHANGES[field], request.actor, _based_on(request)
    if based_on is not None and field in actions.PROPERTIES:
        actions.refuse_clash(ticket, {field: wanted.value(form, actor)}, based_on=based_on, actor=actor)
    wanted.verb(ticket, form, actor)


def _based_on(request: AgentRequest) -> int | None:
    """The version of the ticket that the agent has before his eyes."""
    return number_in(request.POST.get("version", "") or request.GET.get("version", ""))


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody changed the same property meanwhile: who, to what, and what was about to replace it."""

    who: str
    now: str
    yours: str


def _clash(ticket: Ticket, field: str, form: ChangeForm, since: int | None) -> Clash:
    later = Event.objects.about(ticket).filter(facts__version__gt=since, changes__has_key=field)
    event = later.select_related("agent", "contact").newest_first().first()
    who = event and (event.agent or event.contact)
    return Clash(str(who or _("The helpdesk")), form.told(form.current()), form.told(form.sent()))


def _picker(
    request: AgentRequest, ticket: Ticket, form: ChangeForm, field: str, clash: Clash | None = None
) -> HttpResponse:
    place, wanted = place_of(request), CHANGES[field]
    # What is chosen by one click answers to the page below, what is edited answers to what the form shows.
    seen = _based_on(request) if wanted.kind == "choice" and not form.is_bound else None
    context = {
        "ticket": ticket,
        "form": form,
        "field": field,
        "change": wanted,
        "place": place,
        "clash": clash,
        "version": seen or (ticket.version if clash or not form.is_bound else _based_on(request)),
    }
    status = 422 if form.is_bound else 200
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_picker.html", context, status=status)
    return render(request, "tickets/change.html", context | shell(request, place), status=status)
