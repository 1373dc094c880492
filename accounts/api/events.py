"""`/events`: what happened, oldest first, to be read on from where one stopped. Misses nothing, repeats nothing."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists, shapes
from accounts.api.errors import ApiError
from accounts.api.operations import Operation
from accounts.api.representations import included
from accounts.api.told import EVENT, told
from accounts.api.views import ApiView
from accounts.history import kinds, visible_events
from accounts.keyset import Order
from accounts.permissions import Permission
from activity import feed
from activity.actor import Actor
from activity.models import EventQuerySet

LISTING = lists.Listing(
    {"id": Order("id", False)}, default="id", includes={"agent": "agent", "contact": "contact"}
)
_TYPE = re.compile(r"[a-z_]{1,32}\.(?:[a-z_]{1,31}|\*)", re.ASCII)
_MOST_TYPES = 50


def _types(name: str, text: str, actor: Actor) -> Q:
    types = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in types if not _TYPE.fullmatch(part)]
    if wrong or not 0 < len(types) <= _MOST_TYPES:
        raise filters.wrong(name, f"{name} must be types with commas between: ticket.opened,contact.*.")
    whole = Q(type__in=[part for part in types if not part.endswith("*")])
    for part in types:
        if part.endswith("*"):
            whole |= Q(type__startswith=part[:-1])
    return whole


def _subject_type(name: str, text: str, actor: Actor) -> Q:
    return filters.choice("subject_type", kinds())(name, text, actor)


def _since(name: str, text: str, actor: Actor) -> Q:
    return Q(at__gte=lists.moment(text, name))


class Events(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("events.list", Permission.EVENTS_READ, "Read what happened"),
    }
    filters: ClassVar[dict[str, filters.Filter]] = {
        "types": _types,
        "subject_type": _subject_type,
        "subject_id": filters.owner("subject_id"),
        "since": _since,
    }
    parameters = frozenset({"cursor", "per_page", "count", "ids", "include", *filters})
    listing = LISTING
    query = shapes.EventFilters
    answers = {"GET": [shapes.Event]}

    def get(self, request: Request) -> Response:
        ask = lists.parse(request, LISTING)
        start = _start(ask.cursor)
        settled = feed.settled()  # First: what the next query does not see is above this.
        rows = self._rows(request, ask).filter(pk__gt=start, pk__lte=settled).order_by("pk")
        page = list(lists.select(rows, EVENT)[: ask.per_page + 1])
        has_more, page = len(page) > ask.per_page, page[: ask.per_page]
        position = page[-1]["id"] if has_more else max(settled, start)
        data = told(self.actor, page)
        return Response(
            {
                "data": data,
                "meta": {"cursor": {"next": str(position), "has_more": has_more}},
                **_links(request, position if has_more else None),
                "linked": included(self.actor, LISTING, ask.include, data),
            },
            headers=_link_header(request, position if has_more else None),
        )

    def _rows(self, request: Request, ask: lists.Ask) -> EventQuerySet:
        if "subject_id" in request.query_params and "subject_type" not in request.query_params:
            raise filters.wrong("subject_id", "Say by subject_type of what kind the thing with this id is.")
        condition = filters.condition(request, self.actor, self.filters)
        return visible_events(self.actor).filter(ask.condition & condition)


class EventDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("events.read", Permission.EVENTS_READ, "Read one event"),
    }
    parameters = frozenset({"include"})
    listing = LISTING
    answers = {"GET": shapes.Event}

    def get(self, request: Request, pk: int) -> Response:
        ask = lists.parse(request, LISTING)
        (data,) = told(self.actor, [lists.select(visible_events(self.actor), EVENT).get(pk=pk)])
        return Response({"data": data, "linked": included(self.actor, LISTING, ask.include, [data])})


def _start(cursor: str | None) -> int:
    """The id of the last event that the client has. Any that it knows will do."""
    if not cursor:
        return 0
    if not re.fullmatch(r"[0-9]{1,18}", cursor, re.ASCII):
        raise ApiError(400, "invalid_cursor", "The cursor of events is the id of the last one you have.")
    return int(cursor)


def _next(request: Request, position: int) -> str:
    query = {**request.query_params.dict(), "cursor": position}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"


def _links(request: Request, position: int | None) -> dict[str, Any]:
    following = None if position is None else _next(request, position)
    return {"links": {"self": request.build_absolute_uri(), "next": following}}


def _link_header(request: Request, position: int | None) -> dict[str, str]:
    links = {"self": request.build_absolute_uri()}
    if position is not None:
        links["next"] = _next(request, position)
    return {"Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items())}
