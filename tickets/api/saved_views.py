"""`/views`: filters that agents keep under a name, and the tickets behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.lists import Row
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, BY_NAME, BY_UPDATE, Collection, Member
from accounts.api.views import ApiView
from accounts.keyset import Order
from accounts.permissions import Permission
from accounts.policy import require
from tickets import actions, counting, policy, saved, standing
from tickets.api import shapes
from tickets.api.filters import refused
from tickets.api.tickets import INCLUDES, TicketSource, link
from tickets.filters import FilterError
from tickets.inputs import ViewInput
from tickets.lists import ORDERS
from tickets.models import SavedView, Sharing


def _view(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "query": row["query"],
        "sharing": row["sharing"],
        "team": row["team_id"],
        "owner": row["owner_id"],
        "sort": row["sort"],
        "position": row["position"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


_COLUMNS = (
    "id", "name", "query", "sharing", "team_id", "owner_id", "sort", "position", "created_at", "updated_at",
)  # fmt: skip
_VIEWS = Shown(policy.visible_views, dict.fromkeys(_COLUMNS), _view, Permission.VIEWS_READ)
_BY_POSITION = {"position": Order("position", False), "-position": Order("position")}


class Views(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("views.list", Permission.VIEWS_READ, "List saved views"),
        "POST": Operation("views.create", Permission.VIEWS_WRITE, "Save a view"),
    }
    shown = _VIEWS
    filters = {
        "name": filters.equals("name__iexact"),
        "sharing": filters.choice("sharing", Sharing.values),
        "team": filters.row("team"),
        "owner": filters.owner("owner"),
    }
    parameters = lists.PARAMETERS | set(filters)
    listing = lists.Listing(
        _BY_POSITION | BY_ID | BY_NAME | BY_UPDATE,
        default="position",
        includes={"team": "team", "owner": "agent"},
    )
    query = shapes.ViewFilters
    body = ViewInput
    answers = {"GET": [shapes.View], "POST": shapes.View}
    creates = True

    def create(self, **given: Any) -> SavedView:
        return actions.create_view(actor=self.actor, **given)


class ViewDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("views.read", Permission.VIEWS_READ, "Read a saved view"),
        "PUT": Operation("views.update", Permission.VIEWS_WRITE, "Change a saved view"),
        "PATCH": Operation("views.update", Permission.VIEWS_WRITE, "Change a saved view"),
        "DELETE": Operation("views.delete", Permission.VIEWS_DELETE, "Delete a saved view"),
    }
    shown = _VIEWS
    listing = Views.listing
    body = ViewInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.View)

    def change(self, row: SavedView, **given: Any) -> object:
        return actions.change_view(row, actor=self.actor, **given)

    def remove(self, row: SavedView) -> None:
        actions.delete_view(row, actor=self.actor)


class ViewTickets(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("views.tickets", Permission.TICKETS_READ, "List the tickets of a saved view"),
    }
    parameters = lists.PARAMETERS
    listing = lists.Listing(ORDERS, default="", includes=INCLUDES)
    answers = {"GET": [shapes.Ticket]}

    def get(self, request: Request, pk: int) -> Response:
        require(self.actor, Permission.VIEWS_READ)
        view = policy.visible_views(self.actor).get(pk=pk)
        ask = lists.parse(request, replace(self.listing, default=view.sort))
        try:
            held = saved.selection(view, self.actor)
        except FilterError as error:
            raise refused(error) from None
        selection = replace(held, condition=held.condition & ask.condition, order=ask.order)
        return lists.answer(request, ask, TicketSource(selection), lambda page: link(self, ask.include, page))


class StandingViews(ApiView):
    """The views that every agent has and nobody changes."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("views.standing", Permission.VIEWS_READ, "List the standing views"),
    }
    answers = {"GET": [shapes.StandingView]}

    def get(self, request: Request) -> Response:
        return Response({"data": [_standing(view) for view in standing.VIEWS.values() if view.query]})


class ViewCounts(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("views.counts", Permission.VIEWS_READ, "Count the tickets of every view"),
    }
    answers = {"GET": shapes.ViewCounts}

    def get(self, request: Request) -> Response:
        require(self.actor, Permission.TICKETS_READ)
        found = saved.counts(self.actor)
        numbers, own = found.standing, found.saved
        counted = [
            _standing(view) | _number(numbers[view.key], "") for view in standing.VIEWS.values() if view.query
        ]
        return Response(
            {
                "data": {
                    "standing": counted,
                    "saved": [
                        {"id": one.view.pk, "name": one.view.name} | _number(one.number, one.problem)
                        for one in own
                    ],
                }
            }
        )


def _standing(view: standing.StandingView) -> Row:
    return {"key": view.key, "name": str(view.name), "query": view.query}


def _number(number: int | None, problem: str) -> Row:
    capped = number is not None and number > counting.COUNT_CAP
    return {
        "count": counting.COUNT_CAP if capped else number,
        "is_capped": capped,
        "problem": problem or None,
    }
