"""What is found while somebody types: in the search, and in the palette, which also acts on the tickets at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from tickets import filters, finding, highlights, policy, standing
from tickets.bulk_forms import TAG_NAMES
from tickets.filters import FilterError
from tickets.filters.grammar import MAX_LENGTH
from tickets.forms import TagsForm
from tickets.lists import Selection, in_order
from tickets.models import Ticket
from tickets.views.bulk import MOST
from tickets.views.changes import CHANGES
from tickets.views.door import AgentRequest, number_in, numbers_in, workspace
from tickets.views.places import Place, place_of

TICKETS = 6
ACTIONS = 8


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do to the tickets at hand: what to send, and where."""

    label: str
    url: str
    values: str
    target: str = ""


Offer = Callable[[Actor, Place, list[int]], Iterator[Act]]
"""What another app offers to do to the tickets with these numbers, of which there is one at least."""

_offers: list[Offer] = []


def register(offer: Offer) -> None:
    _offers.append(offer)


@require_safe
@workspace
def suggest(request: AgentRequest) -> HttpResponseBase:
    """For the field in the bar."""
    words, place = _typed(request), place_of(request)
    return render(request, "tickets/_suggestions.html", _found(request.actor, place, words) if words else {})


@require_safe
@workspace
def palette(request: AgentRequest) -> HttpResponseBase:
    """Actions on the open ticket or the selected ones first, then where to go."""
    words, place = _typed(request), place_of(request)
    ids = numbers_in(request.GET.getlist("ticket"), most=MOST)
    context: dict[str, Any] = {"views": _views(request.actor, words)}
    if words:
        context |= _found(request.actor, place, words) | {
            "acts": list(_matching(words, _all_acts(request.actor, place, ids)))[:ACTIONS]
        }
    context |= {"at_hand": len(ids), "may_change": ids and Permission.TICKETS_WRITE in rights(request.actor)}
    return render(request, "tickets/_palette.html", context)


def _typed(request: AgentRequest) -> str:
    return request.GET.get("find", "").replace("\x00", "").strip()[:MAX_LENGTH]


def _found(actor: Actor, place: Place, words: str) -> dict[str, Any]:
    found: dict[str, Any] = {"words": words, "place": place}
    try:
        selection = filters.select(words, actor)
    except FilterError as error:
        return found | {"problem": error}
    tickets = _tickets(selection, words, actor)
    marked = highlights.of([ticket.pk for ticket in tickets], selection.terms, actor)
    return found | {
        "tickets": [(ticket, marked.get(ticket.pk)) for ticket in tickets],
        "others": list(finding.find(actor, words)),
        "is_nothing": not tickets,
    }


def _tickets(selection: Selection, words: str, actor: Actor) -> list[Ticket]:
    """A number stands for its ticket, also for a merged one, before all that merely mention it."""
    number = number_in(words.removeprefix("#"))
    ids = [pk for pk in selection.ids(limit=TICKETS) if pk != number]
    rows = policy.visible(actor).select_related("status", "contact")
    return in_order([*([number] if number else []), *ids][:TICKETS], rows)


def _views(actor: Actor, words: str) -> list[tuple[str, str]]:
    named = [(str(view.name), reverse("tickets:view", args=[key])) for key, view in standing.VIEWS.items()]
    saved = [
        (view.name, reverse("tickets:saved", args=[view.pk])) for view in policy.offered_views(actor)[:100]
    ]
    return [(name, url) for name, url in [*named, *saved] if _has(words, name)][: 20 if words else 12]


def _matching(words: str, acts: Iterator[Act]) -> Iterator[Act]:
    return (act for act in acts if _has(words, act.label))


def _has(words: str, label: str) -> bool:
    """Does every word begin a word of the label?"""
    parts = label.casefold().replace("“", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in words.casefold().split())


_SAID = {
    "assignee": gettext_lazy("Assign to %(value)s"),
    "status": gettext_lazy("Set the status to %(value)s"),
    "priority": gettext_lazy("Set the priority to %(value)s"),
    "team": gettext_lazy("Move to the team %(value)s"),
    "snooze": gettext_lazy("Snooze: %(value)s"),
}


def _all_acts(actor: Actor, place: Place, ids: list[int]) -> Iterator[Act]:
    others = (offer(actor, place, ids) for offer in _offers if ids)
    return chain(_acts(actor, place, ids), chain.from_iterable(others))


def _acts(actor: Actor, place: Place, ids: list[int]) -> Iterator[Act]:
    if not ids or Permission.TICKETS_WRITE not in rights(actor):
        return iter(())
    if len(ids) > 1:
        return _on_many(actor, place, ids)
    ticket = policy.visible(actor).filter(pk=ids[0], merged_into=None).first()
    if ticket is None or not policy.can(actor, Permission.TICKETS_WRITE, ticket):
        return iter(())
    return _on_one(actor, place, ticket)


def _on_one(actor: Actor, place: Place, ticket: Ticket) -> Iterator[Act]:
    for field, said in _SAID.items():
        url = _address("tickets:change", place, ticket.pk, field)
        for value, label, chosen in CHANGES[field].form(actor, ticket).options:
            if not chosen:
                yield Act(str(said) % {"value": label}, url, json.dumps({"value": value}))
    url, form = _address("tickets:change", place, ticket.pk, "tags"), TagsForm(actor, ticket)
    for name, _label, chosen in form.options:
        kept = [own for own in form.own if own != name]
        label = _("Remove the tag %(value)s") if chosen else _("Add the tag %(value)s")
        value = kept if chosen else [*kept, name]
        yield Act(label % {"value": name}, url, json.dumps({"value": value}))


def _on_many(actor: Actor, place: Place, ids: list[int]) -> Iterator[Act]:
    url = _address("tickets:bulk", place)
    for field, said in _SAID.items():
        if field == "snooze":
            continue
        for value, label, _chosen in CHANGES[field].form(actor, Ticket()).options:
            sent = {"change": field, "ticket": ids, "value": value}
            yield Act(str(said) % {"value": label}, url, json.dumps(sent), "#bulk-outcome")
    for name in policy.visible_tags(actor).values_list("name", flat=True)[:TAG_NAMES]:
        for how, tagging in (("add", _("Add the tag %(value)s")), ("remove", _("Remove the tag %(value)s"))):
            sent = {"change": "tags", "ticket": ids, "value": name, "how": how}
            yield Act(tagging % {"value": name}, url, json.dumps(sent), "#bulk-outcome")


def _address(name: str, place: Place, *args: Any) -> str:
    return reverse(name, args=args, query=place.parts)
