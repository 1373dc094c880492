"""What the pages of the workspace show: the list's rows, the navigation and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Left
from django.urls import reverse

from accounts import notices
from accounts.kept import Kept
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from tickets import highlights, news, policy, saved, standing
from tickets.filters import FilterError
from tickets.lists import Selection
from tickets.models import Message, Tag, Ticket
from tickets.models.proposal import ProposalQuerySet
from tickets.models.ticket import TicketQuerySet
from tickets.views.door import AgentRequest
from tickets.views.held import Held, outbox
from tickets.views.places import Place

PAGE = 25
SNIPPET = 400
"""Characters of the last message that are fetched; the row cuts them to its own length."""

_OF_A_ROW = (
    "subject", "category", "priority", "updated_at", "status__name", "contact__name", "assignee__name", "sla",
    "first_replied_at", "solved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    place: Place
    rows: list[Ticket]
    more: Place | None
    """Where the list goes on, if it does."""
    problem: FilterError | None = None
    """Why there can be no rows."""
    may_change: bool = False
    """Whether the agent may change the saved view that this is."""


def page_of(place: Place, actor: Actor) -> Page:
    try:
        selection = place.selection(actor)
    except FilterError as error:
        return Page(place, [], None, error, may_change=_may_change(place, actor))
    found = selection.positions(after=place.position, limit=PAGE + 1)
    rows = as_rows([pk for _, pk in found[:PAGE]], actor)
    if selection.words:
        _mark(rows, selection, actor)
    more = place.starting_after(found[PAGE - 1]) if len(found) > PAGE else None
    return Page(place, rows, more, may_change=_may_change(place, actor))


def arrived(place: Place, actor: Actor, shown: Sequence[int]) -> int:
    """How many tickets stand on the first page of the list by now, besides those that are shown already.

    What follows the last of these only moved up, when others left a page that was full.
    """
    try:
        first = place.selection(actor).ids(limit=PAGE)
    except FilterError:
        return 0
    known = [number for number, pk in enumerate(first) if pk in shown]
    end = known[-1] if known and len(shown) == PAGE else PAGE
    return len({*first[:end]} - {*shown})


def _mark(rows: list[Ticket], selection: Selection, actor: Actor) -> None:
    """Let the rows show where the words stand instead of what was said last."""
    marked = highlights.of([row.pk for row in rows], selection.terms, actor)
    for row in rows:
        row.found = marked.get(row.pk)  # type: ignore[attr-defined]


def may_save(actor: Actor) -> bool:
    """Whether the agent may make views of his own."""
    return Permission.VIEWS_WRITE in rights(actor)


def _may_change(place: Place, actor: Actor) -> bool:
    return bool(place.saved and policy.can_change_view(actor, Permission.VIEWS_WRITE, place.saved))


def as_rows(ids: Sequence[int], actor: Actor) -> list[Ticket]:
    """The tickets in this order, with what a row of the list shows, in one query however many there are."""
    if not ids:
        return []
    # Shorter lists are asked for by the SQL of a full page.
    padded = [*ids, *[ids[-1]] * (PAGE - len(ids))]
    by_id = {row.pk: row for row in _as_rows(actor, padded, news.recently())}
    return [by_id[pk] for pk in ids if pk in by_id]


@Kept
def _as_rows(actor: Actor, ids: list[int], recently: datetime) -> TicketQuerySet:
    last = Message.objects.filter(ticket=OuterRef("pk"), kind__in=policy.readable_kinds(actor))
    tags = Tag.objects.filter(tickets=OuterRef("pk")).order_by("name")
    proposed = policy.readable_proposals(actor).waiting().filter(ticket=OuterRef("pk"))
    return (
        news.told(policy.visible(actor).filter(pk__in=ids), actor, recently)
        .select_related("status", "contact", "assignee")
        .annotate(
            last_text=Subquery(
                last.order_by("-created_at", "-id").values(start=Left("body_text", SNIPPET))[:1]
            ),
            # Templates ask every row for it, and asking for what is not there costs more than the row itself.
            found=Value(None, output_field=TextField()),
            tag_names=ArraySubquery(tags.values("name")),
            has_draft=Exists(policy.own_drafts(actor).filter(ticket=OuterRef("pk"), send_at=None)),
            proposed=Coalesce(Subquery(_number(proposed)), 0),
        )
        .only(*_OF_A_ROW)
    )


def _number(rows: ProposalQuerySet) -> QuerySet[Any, Any]:
    """How many of a ticket there are, for use in a query of tickets."""
    return rows.order_by().values("ticket").annotate(number=Count("pk")).values("number")


def row_of(request: AgentRequest, pk: int) -> Ticket | None:
    """The ticket as a row, for a page that shows a list: not if its scripts say that the list is without it."""
    listed = request.headers.get("X-Rows")
    if listed is not None and str(pk) not in listed.split():
        return None
    return next(iter(as_rows([pk], request.actor)), None)


def shell(request: AgentRequest, place: Place, *, held: list[Held] | None = None) -> dict[str, Any]:
    """What stands around every page: the views with their counts, and where the agent is."""
    around: dict[str, Any] = {"place": place, "here": place.key}
    around["outbox"] = outbox(request.actor) if held is None else held
    return around | views(request.actor, with_bell=True) | of_rows(request.actor)


def of_rows(actor: Actor) -> dict[str, bool]:
    """What every row of a list asks of whoever looks."""
    return {"may_select": Permission.TICKETS_WRITE in rights(actor)}


def views(actor: Actor, *, with_bell: bool = False) -> dict[str, Any]:
    """The views of the navigation with their counts: the standing ones, and those that agents saved.

    With the bell's number, if that is wanted, by the same statement.
    """
    counts = saved.counts(actor, *([notices.count_of_unread(actor)] if with_bell else []))
    counted = counts.standing
    bell = {"unread": min(counts.beside[0], notices.MOST_UNREAD)} if with_bell else {}
    return bell | {
        "may_save_views": may_save(actor),
        "saved_views_known": _digest([(one.view.pk, one.view.name) for one in counts.saved]),
        "views": [
            {
                "key": key,
                "name": view.name,
                "url": reverse("tickets:view", args=[key]),
                "count": counted[key],
            }
            for key, view in standing.VIEWS.items()
        ],
        "saved_views": [
            {
                "key": f"saved-{one.view.pk}",
                "name": one.view.name,
                "url": reverse("tickets:saved", args=[one.view.pk]),
                "count": one.number,
                "problem": one.problem,
            }
            for one in counts.saved
        ],
    }


def _digest(views: list[tuple[int, str]]) -> str:
    """Tells whether a page has these views, under these names and in this order."""
    return f"{crc32(repr(views).encode()):x}"
