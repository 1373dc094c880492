"""Changing the selected tickets of a list: a few at a time, with progress, an outcome for each, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from tickets import actions, clocks, policy
from tickets.actions.bulk import Mark, Outcome, attempt
from tickets.bulk_forms import IntoForm, TagChangesForm
from tickets.forms import ChangeForm
from tickets.lists import in_order
from tickets.models import Ticket
from tickets.views.changes import CHANGES
from tickets.views.door import AgentRequest, number_in, numbers_in, workspace
from tickets.views.pages import as_rows, of_rows, shell, views
from tickets.views.places import place_of
from tickets.views.ticket import conversation
from tickets.views.whole import in_full

MOST = 500
"""Tickets that one selection may hold."""

AT_ONCE = 20
"""Tickets that are changed before the page hears of it."""

HOUR = 60 * 60


@dataclass(frozen=True, slots=True)
class Bulk:
    title: Promise
    form: type[ChangeForm]
    verb: Callable[[Ticket, Any, Actor], object]
    label: Promise | None = None
    """On the button, where another app offers it."""
    mark: Mark | None = None
    """What is remembered of a ticket before."""
    put_back: Callable[[Ticket, Any, Actor], object] | None = None
    """Takes it back, from what was remembered."""


def register(name: str, bulk: Bulk) -> None:
    """Let another app's verb be done to selected tickets."""
    BULK[name] = bulk


def offered() -> list[tuple[str, Promise]]:
    """What other apps added."""
    return [(name, bulk.label) for name, bulk in BULK.items() if bulk.label is not None]


def _change_tags(ticket: Ticket, form: Any, actor: Actor) -> None:
    names = form.cleaned_data["names"]
    if form.cleaned_data["how"] == "remove":
        actions.remove_tags(ticket, tags=ticket.tags.filter(name__in=names), actor=actor)
    else:
        actions.add_tags(ticket, tags=actions.named_tags(names, actor=actor), actor=actor)


_ONE_VALUE = {
    "assignee": gettext_lazy("Assign the selected tickets to"),
    "team": gettext_lazy("Move the selected tickets to the team"),
    "status": gettext_lazy("Set the status of the selected tickets"),
    "priority": gettext_lazy("Set the priority of the selected tickets"),
}

BULK = {
    name: Bulk(title, CHANGES[name].form, CHANGES[name].verb) for name, title in _ONE_VALUE.items()
} | {
    "tags": Bulk(gettext_lazy("Tags of the selected tickets"), TagChangesForm, _change_tags),
    "merge": Bulk(
        gettext_lazy("Merge the selected tickets into one"),
        IntoForm,
        lambda ticket, form, actor: actions.merge(ticket, into=form.cleaned_data["value"], actor=actor),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """What is being done to many tickets, and how far it is. It travels with the page, signed for one agent."""

    what: str
    given: str
    """What the form was filled in with; empty when changes are taken back."""
    todo: list[Any]
    """Numbers of tickets; when changes are taken back, the number, the former value and the version of each."""
    done: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    same: int = 0
    is_undo: bool = False

    @property
    def total(self) -> int:
        return len(self.todo) + self.so_far

    @property
    def so_far(self) -> int:
        return len(self.done) + len(self.refused) + self.same

    def after(self, outcomes: Iterable[Outcome]) -> Job:
        told = list(outcomes)
        done = [[one.pk, one.before, one.version] for one in told if one.version is not None]
        refused = [[one.pk, one.refusal] for one in told if one.refusal]
        return replace(
            self,
            todo=self.todo[len(told) :],
            done=[*self.done, *done],
            refused=[*self.refused, *refused],
            same=self.same + len(told) - len(done) - len(refused),
        )

    def undoing(self) -> Job:
        return Job(self.what, "", self.done, is_undo=True)

    def signed(self, actor: Actor) -> str:
        parts = [self.what, self.given, self.todo, self.done, self.refused, self.same, self.is_undo]
        return _signer(actor).sign_object(parts, compress=True)


def _signer(actor: Actor) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"tickets.bulk.{actor.agent.pk if actor.agent else 0}")


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def bulk(request: AgentRequest) -> HttpResponseBase:
    """Ask what shall become of the selected tickets, and begin."""
    require(request.actor, Permission.TICKETS_WRITE)
    data = request.POST if request.method == "POST" else request.GET
    name, ids = data.get("change", ""), numbers_in(data.getlist("ticket"), most=MOST)
    if name not in BULK:
        raise Http404(_("Nothing of this name can be done to many tickets."))
    form = BULK[name].form(request.actor, Ticket(), request.POST if request.method == "POST" else None)
    if request.method != "POST" or not ids or not form.is_valid():
        return _ask(request, name, ids, form)
    todo = [pk for pk in sorted(ids) if name != "merge" or pk != form.cleaned_data["value"].pk]
    given = QueryDict(mutable=True)
    for key in form.fields:
        given.setlist(key, request.POST.getlist(key))
    return _go_on(request, Job(name, given.urlencode(), todo))


@require_POST
@workspace
def go_on(request: AgentRequest) -> HttpResponseBase:
    """The next few of a job that is under way; or, with `undo`, the first few of taking it back."""
    require(request.actor, Permission.TICKETS_WRITE)
    try:
        parts = _signer(request.actor).unsign_object(request.POST.get("job", ""), max_age=HOUR)
    except signing.BadSignature:
        raise BadRequest(_("This was begun too long ago. Select the tickets again.")) from None
    job = Job(*parts)
    return _go_on(request, job.undoing() if "undo" in request.POST else job)


def _ask(request: AgentRequest, name: str, ids: list[int], form: ChangeForm) -> HttpResponse:
    place = place_of(request)
    context = {
        "place": place,
        "change": name,
        "title": BULK[name].title,
        "ids": ids,
        "form": form,
        "selected": _selected(request.actor, ids) if name == "merge" else [],
        "template": "tickets/_bulk.html",
    }
    status = 422 if form.is_bound and ids else 200
    if request.htmx:
        response = render(request, "tickets/_bulk.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#picker", "innerHTML"
        return response
    return render(request, "tickets/bulk.html", context | shell(request, place), status=status)


def _selected(actor: Actor, ids: list[int]) -> list[Ticket]:
    return in_order(
        sorted(ids), policy.visible(actor).filter(merged_into=None).select_related("status", "contact")
    )


def _go_on(request: AgentRequest, job: Job) -> HttpResponseBase:
    """A few with scripts, which then ask for the next few; else all of them."""
    steps = job.todo[: AT_ONCE if request.htmx else MOST]
    step = _undo(job, request.actor) if job.is_undo else _change(job, request.actor)
    outcomes = [step(one) for one in steps]
    return _tell(request, job.after(outcomes), [one.pk for one in outcomes if one.version is not None])


def _change(job: Job, actor: Actor) -> Callable[[Any], Outcome]:
    wanted = BULK[job.what]
    form = wanted.form(actor, Ticket(), QueryDict(job.given))
    if not form.is_valid():  # What was on offer when it began is not any more.
        return lambda pk: Outcome(pk, _("This is not on offer any more."))

    def change(ticket: Ticket) -> None:
        wanted.verb(ticket, form, actor)

    return lambda pk: attempt(pk, field=job.what, change=change, actor=actor, mark=wanted.mark)


def _undo(job: Job, actor: Actor) -> Callable[[Any], Outcome]:
    """Put the former values back, each by its verb, where nobody changed the same since."""

    wanted = BULK[job.what]

    def put_back(ticket: Ticket, before: Any, version: int) -> None:
        if wanted.put_back is not None:
            wanted.put_back(ticket, before, actor)
        elif job.what == "merge":
            actions.unmerge(ticket, actor=actor)
        elif job.what == "tags":
            tags = actions.named_tags(before, actor=actor)
            actions.update(ticket, actor=actor, based_on=version, tags=tags)
        else:
            form = CHANGES[job.what].form(actor, ticket, {"value": "" if before is None else before})
            if not form.is_valid():
                raise Refused("", "invalid", _("Its former value is not on offer any more."))
            actions.update(ticket, actor=actor, based_on=version, **{job.what: form.cleaned_data["value"]})

    def step(one: Any) -> Outcome:
        pk, before, version = one
        change = lambda ticket: put_back(ticket, before, version)  # noqa: E731
        return attempt(pk, field=job.what, change=change, actor=actor, mark=wanted.mark)

    return step


def _tell(request: AgentRequest, job: Job, changed: list[int]) -> HttpResponseBase:
    place = place_of(request)
    clocks.reckon(changed)
    context: dict[str, Any] = {
        "place": place,
        "job": job,
        "token": job.signed(request.actor),
        "template": "tickets/_bulk_outcome.html",
    }
    if not request.htmx:
        return render(request, "tickets/bulk.html", context | shell(request, place))
    context |= {"changed": True, "rows": as_rows(changed, request.actor)}
    context |= views(request.actor) | of_rows(request.actor)
    shown = number_in(request.POST.get("open", ""))
    ticket = in_full(request.actor, shown) if shown in changed else None
    if ticket:
        context |= conversation(request, ticket, place)
    response = render(request, "tickets/_bulk_told.html", context)
    return trigger_client_event(response, "bulk-told", {"changed": changed, "ended": not job.todo})
