"""Changing one property of a ticket, by a small form that is a page of its own or a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from tickets import actions, policy
from tickets.forms import (
    AssigneeForm,
    ChangeForm,
    PriorityForm,
    StatusForm,
    SubjectForm,
    TagsForm,
    TeamForm,
)
from tickets.models import Ticket
from tickets.moments import SnoozeForm
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
    "tags": Change(
        gettext_lazy("Tags"),
        TagsForm,
        lambda ticket, form, actor: actions.set_tags(
            ticket, tags=actions.named_tags(form.names, actor=actor), actor=actor
        ),
        kind="tags",
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
    if request.method == "POST" and form.is_valid():
        try:
            wanted.verb(ticket, form, request.actor)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return after_change(request, pk, place_of(request))
    policy.authorize(request.actor, Permission.TICKETS_WRITE, ticket)
    return _picker(request, ticket, form, field)


def _picker(request: AgentRequest, ticket: Ticket, form: ChangeForm, field: str) -> HttpResponse:
    place, wanted = place_of(request), CHANGES[field]
    context = {"ticket": ticket, "form": form, "field": field, "change": wanted, "place": place}
    status = 422 if form.is_bound else 200
    if is_fragment_for(request, "picker"):
        return render(request, "tickets/_picker.html", context, status=status)
    return render(request, "tickets/change.html", context | shell(request, place), status=status)
