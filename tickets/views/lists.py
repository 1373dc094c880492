from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.door import remembered
from tickets import policy, standing
from tickets.forms import SavedViewForm
from tickets.views.door import AgentRequest, is_fragment_for, numbers_in, workspace
from tickets.views.pages import PAGE, arrived, may_save, of_rows, page_of, shell, views
from tickets.views.places import HOME, Place, contact_at, place_of, saved_at

DENSITIES = {"comfortable", "compact"}


@require_safe
@workspace
def home(_request: AgentRequest) -> HttpResponseBase:
    return redirect("tickets:view", HOME)


@require_safe
@workspace
def navigation(request: AgentRequest) -> HttpResponseBase:
    """The views by themselves: a page of its own where the screen has room for one column only."""
    return render(request, "tickets/navigation.html", shell(request, Place(view=HOME)) | {"here": ""})


@require_safe
@workspace
def counts(request: AgentRequest) -> HttpResponseBase:
    """The views' counts. And beside the numbers of a list's rows: how many of its tickets it does not show yet."""
    place = place_of(request)
    context = views(request.actor) | {"place": place, "gone": "saved" in request.GET and not place.saved}
    if "shown" in request.GET and not context["gone"]:
        shown = numbers_in(request.GET["shown"].split(","), most=PAGE)
        context |= {"shown": shown, "arrived": arrived(place, request.actor, shown)}
    return render(request, "tickets/_counts.html", context)


@require_safe
@workspace
def view(request: AgentRequest, key: str) -> HttpResponseBase:
    if key not in standing.VIEWS:
        raise Http404(_("There is no such view."))
    return _show(request, Place(view=key, words=_words(request), after=request.GET.get("after", "")))


@require_safe
@workspace
def search(request: AgentRequest) -> HttpResponseBase:
    """What a filter finds; with a number alone, that ticket itself."""
    words = _words(request)
    number = re.fullmatch(r"#(\d{1,18})", words, re.ASCII)
    if number and policy.visible(request.actor).filter(pk=int(number[1])).exists():
        return redirect("tickets:ticket", int(number[1]))
    place = Place(words=words, after=request.GET.get("after", ""))
    form = (
        SavedViewForm(request.actor, initial={"query": words}) if words and may_save(request.actor) else None
    )
    return _show(request, place, save_form=form)


@require_safe
@workspace
def saved(request: AgentRequest, pk: int) -> HttpResponseBase:
    kept = saved_at(request.actor, pk)
    return _show(request, Place(saved=kept, words=_words(request), after=request.GET.get("after", "")))


@require_safe
@workspace
def contact(request: AgentRequest, pk: int) -> HttpResponseBase:
    person = contact_at(request.actor, pk)
    return _show(request, Place(contact=person, words=_words(request), after=request.GET.get("after", "")))


@require_POST
@workspace
def density(request: AgentRequest) -> HttpResponseBase:
    """Remember in this browser how much of a ticket its row shows."""
    return remembered(request, "density", DENSITIES)


def _show(request: AgentRequest, place: Place, **more: Any) -> HttpResponse:
    """The whole page; or only what changes when a ticket is left, or when the list's end comes into sight."""
    if is_fragment_for(request, "main"):
        return render(request, "tickets/_no_ticket.html", {"place": place})
    page = page_of(place, request.actor)
    if is_fragment_for(request, "more"):
        return render(request, "tickets/_rows.html", {"page": page} | of_rows(request.actor))
    return render(request, "tickets/list.html", shell(request, place) | {"page": page} | more)


def _words(request: AgentRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()
