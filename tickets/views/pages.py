"""What the pages of the workspace show: the list's rows, the navigation and its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Left

from activity.actor import Actor
from tickets import policy, standing
from tickets.lists import in_order
from tickets.models import Message, Tag, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.views.door import AgentRequest
from tickets.views.places import Place

PAGE = 25
SNIPPET = 400
"""Characters of the last message that are fetched; the row cuts them to its own length."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    place: Place
    rows: list[Ticket]
    more: Place | None
    """Where the list goes on, if it does."""


def page_of(place: Place, actor: Actor) -> Page:
    selection = place.selection(actor)
    ids = selection.ids(after=place.position, limit=PAGE + 1)
    rows = in_order(ids[:PAGE], as_rows(actor))
    more = place.starting_after(selection.order.position(rows[-1])) if len(ids) > PAGE and rows else None
    return Page(place, rows, more)


def as_rows(actor: Actor) -> TicketQuerySet:
    """Tickets with what a row of the list shows, in one query however many there are."""
    last = Message.objects.filter(ticket=OuterRef("pk"), kind__in=policy.readable_kinds(actor))
    tags = Tag.objects.filter(tickets=OuterRef("pk")).order_by("name")
    return (
        policy.visible(actor)
        .select_related("status", "contact", "assignee")
        .annotate(
            last_text=Subquery(
                last.order_by("-created_at", "-id").values(start=Left("body_text", SNIPPET))[:1]
            ),
            tag_names=ArraySubquery(tags.values("name")),
        )
        .only(
            "subject", "category", "priority", "updated_at", "status__name", "contact__name", "assignee__name"
        )
    )


def shell(request: AgentRequest, place: Place) -> dict[str, Any]:
    """What stands around every page: the views with their counts, and where the agent is."""
    return {"place": place, "views": views(request.actor), "here": place.view}


def views(actor: Actor) -> list[dict[str, Any]]:
    counted = standing.counts(actor)
    return [{"key": key, "name": view.name, "count": counted[key]} for key, view in standing.VIEWS.items()]
