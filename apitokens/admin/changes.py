"""What a key did: everything, the newest first, and the way to take some of it back."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from accounts.actions import undoing
from accounts.admin.base import actor_of, may_read_history
from accounts.history import kinds_in_words, visible_events
from activity.models import Event, EventQuerySet
from apitokens.admin.pages import KeyPages, View, asked
from apitokens.models import ApiKey

PAGE = 50
UNDOABLE = "undoable"


class ChangePages(KeyPages):
    def pages(self) -> Mapping[str, View]:
        return {**super().pages(), "changes": self.changes_view, "undo": self.undo_view}

    def changes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        wanted = asked(request, "kind", "ticket", "before")
        rows = _wanted(self._events(request, key), wanted)[: PAGE + 1]
        events = list(rows.select_related("agent", "contact"))
        older = events[PAGE - 1].pk if len(events) > PAGE else None
        return self._tab(
            request, key, "changes", events=events[:PAGE], older=older, wanted=wanted, kinds=kinds_in_words(),
            undoable=undoing.undoable(),
        )  # fmt: skip

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows what would be put back and what cannot be; asked again with `sure`, does it."""
        key, actor = self._key(request, pk), actor_of(request)
        events = _ticked(self._events(request, key), request.POST.getlist("event"))
        if request.method != "POST" or not events:
            if request.method == "POST":
                self.message_user(
                    request, _t("Tick the changes that you want to take back."), messages.WARNING
                )
            return HttpResponseRedirect(self.url("changes", key.pk))
        if "sure" not in request.POST:
            outcomes = undoing.preview(events, actor=actor)
            possible = [outcome for outcome in outcomes if outcome.done]
            return self._tab(request, key, "undo", outcomes=outcomes, possible=possible)
        outcomes = undoing.undo(events, actor=actor)
        self._tell(request, outcomes)
        return HttpResponseRedirect(self.url("changes", key.pk))

    def _events(self, request: HttpRequest, key: ApiKey) -> EventQuerySet:
        if not may_read_history(request):
            raise PermissionDenied
        return visible_events(actor_of(request)).filter(key_id=key.pk)

    def _tell(self, request: HttpRequest, outcomes: list[undoing.Outcome]) -> None:
        done = sum(outcome.done for outcome in outcomes)
        if done:
            told = ngettext("%d change was taken back.", "%d changes were taken back.", done)
            self.message_user(request, told % done, messages.SUCCESS)
        for outcome in outcomes:
            if not outcome.done:
                self.message_user(request, outcome.sentence, messages.WARNING)


def _wanted(events: EventQuerySet, wanted: dict[str, str]) -> EventQuerySet:
    rows = events.newest_first()
    if wanted["kind"] == UNDOABLE:
        rows = rows.filter(type__in=undoing.undoable())
    elif wanted["kind"]:
        rows = rows.filter(subject_type=wanted["kind"])
    if wanted["ticket"]:
        rows = rows.filter(subject_type="ticket", subject_id=_number(wanted["ticket"].removeprefix("#")))
    if wanted["before"]:
        rows = rows.filter(pk__lt=_number(wanted["before"]))
    return rows


def _ticked(events: EventQuerySet, given: list[str]) -> list[Event]:
    ids = {_number(typed) for typed in given[:PAGE]}
    return list(events.filter(pk__in=ids).select_related("agent", "contact"))


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 18 else 0
