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
from tickets.views.clashes import Clash, based_on, clash
from tickets.views.door import AgentRequest, found, is_fragment_for, workspace
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
    clashing = None
    if request.method == "POST" and form.is_valid():
        try:
            _change(ticket, field, form, request)
        except Stale:
            ticket = found(request.actor, pk)
            form.ticket = ticket
            clashing = _clash(ticket, field, form, based_on(request))
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return after_change(request, pk, place_of(request))
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    return _picker(request, ticket, form, field, clashing)


@transaction.atomic
def _change(ticket: Ticket, field: str, form: ChangeForm, request: AgentRequest) -> None:
    """Others' changes of other properties since then are kept; one of the same property raises Stale."""
    wanted, actor, seen = CHANGES[field], request.actor, based_on(request)
    if seen is not None and field in actions.PROPERTIES:
        actions.refuse_clash(ticket, {field: wanted.value(form, actor)}, based_on=seen, actor=actor)
    wanted.verb(ticket, form, actor)


def _clash(ticket: Ticket, field: str, form: ChangeForm, since: int | None) -> Clash:
    return clash(ticket, field, since, now=form.told(form.current()), yours=form.told(form.sent()))


def _picker(
    request: AgentRequest, ticket: Ticket, form: ChangeForm, field: str, clashing: Clash | None = None
) -> HttpResponse:
    place, wanted = place_of(request), CHANGES[field]
    # What is chosen by one click answers to the page below, what is edited answers to what the form shows.
    seen = based_on(request) if wanted.kind == "choice" and not form.is_bound else None
    context = {
        "ticket": ticket,
        "form": form,
        "field": field,
        "change": wanted,
        "place": place,
        "clash": clashing,
        "by_click": wanted.kind == "choice",
        "version": seen or (ticket.version if clashing or not form.is_bound else based_on(request)),
    }
    status = 422 if form.is_bound else 200
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_picker.html", context, status=status)
    return render(request, "tickets/change.html", context | shell(request, place), status=status)
