"""`/orders`, by id and by the number that the shop knows them by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions as people
from accounts.api import lists, preferences
from accounts.api.errors import invalid
from accounts.api.inputs import Input, read
from accounts.api.operations import Operation, refuse_denied_tag
from accounts.api.representations import included
from accounts.api.resources import BY_ID, BY_UPDATE, Collection, Member, Resource
from accounts.api.views import ApiView
from accounts.keyset import Order as SortOrder
from accounts.permissions import Permission
from activity.actor import Actor
from orders import actions, policy
from orders.api import filters, shapes
from orders.api.representations import SHOWN_ORDER
from orders.inputs import NewOrder, OrderByNumberFields, OrderChanges, OrderName, ShipmentInput
from orders.models import Order

_BY_PLACE = {"placed_at": SortOrder("placed_at", False), "-placed_at": SortOrder("placed_at")}
LISTING = lists.Listing(
    BY_ID | BY_UPDATE | _BY_PLACE, default="-id", includes={"contact": "contact", "ticket": "ticket"}
)


class Orders(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("orders.list", Permission.ORDERS_READ, "List orders"),
        "POST": Operation("orders.create", Permission.ORDERS_WRITE, "Take an order in"),
    }
    shown = SHOWN_ORDER
    filters = filters.ORDERS
    parameters = lists.PARAMETERS | frozenset(filters)
    listing = LISTING
    query = shapes.OrderFilters
    body = NewOrder
    answers = {"GET": [shapes.Order], "POST": shapes.Order}
    creates = True

    def post(self, request: Request, **path: Any) -> Response:
        given = read(NewOrder, request.data, self.actor)
        with transaction.atomic():
            order = actions.create(actor=self.actor, **_with_contact(given, self.actor))
        return _taken_in(self, order)


class OrderDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("orders.read", Permission.ORDERS_READ, "Read an order"),
        "PUT": Operation("orders.update", Permission.ORDERS_WRITE, "Change an order"),
        "PATCH": Operation("orders.update", Permission.ORDERS_WRITE, "Change an order"),
        "DELETE": Operation("orders.delete", Permission.ORDERS_DELETE, "Delete an order"),
    }
    shown = SHOWN_ORDER
    listing = LISTING
    versioned = True
    body = OrderChanges
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Order)

    def put(self, request: Request, pk: int) -> Response:
        order = self.mine().get(pk=pk)
        given = read(OrderChanges, request.data, self.actor)
        _refuse_denied(self, given)
        based_on = given.pop("version", None) or preferences.based_on(request)
        with transaction.atomic():
            actions.update(order, actor=self.actor, based_on=based_on, **_with_contact(given, self.actor))
        return Response({"data": self.one(pk)})

    patch = put

    def remove(self, row: Order) -> None:
        actions.delete(row, actor=self.actor)


class OrderByNumber(Resource):
    """The order that a shop or marketplace knows by this number: programs need not remember our ids."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("orders.find", Permission.ORDERS_READ, "Read an order by its number"),
        "PUT": Operation(
            "orders.upsert", Permission.ORDERS_WRITE, "Take in or change an order by its number"
        ),
    }
    shown = SHOWN_ORDER
    listing = LISTING
    parameters = frozenset({"include", "marketplace"})
    identifying = frozenset({"marketplace"})
    query = shapes.OrderAddress
    body = OrderByNumberFields
    answers = dict.fromkeys(operations, shapes.Order)
    upserts = True

    def get(self, request: Request, external_id: str) -> Response:
        ask = lists.parse(request, self.listing)
        rows = lists.select(self.rows().filter(**self._name(external_id)), self.shown.columns)
        data = self.shown.show(rows.get())
        return Response({"data": data, "linked": included(self.actor, self.listing, ask.include, [data])})

    def put(self, request: Request, external_id: str) -> Response:
        name = self._name(external_id)
        given = read(OrderByNumberFields, request.data, self.actor)
        _refuse_another(name, given)
        _refuse_denied(self, given)
        with transaction.atomic():
            order, is_new = actions.upsert(actor=self.actor, **name, **_with_contact(given, self.actor))
            refuse_denied_tag(self.call, "orders.create" if is_new else "orders.update")
        return _taken_in(self, order) if is_new else Response({"data": _one(self, order)})

    def _name(self, external_id: str) -> dict[str, str]:
        marketplace = self.request.query_params.get("marketplace", "")
        name = read(OrderName, {"external_id": external_id, "marketplace": marketplace}, self.actor)
        return {**name, "marketplace": name["marketplace"].lower()}


def _refuse_another(name: dict[str, str], given: dict[str, Any]) -> None:
    """The address says which order is meant; a body that says another is a mistake."""
    if given.pop("external_id", name["external_id"]) != name["external_id"]:
        raise invalid("external_id", "invalid", "The address says another one: leave it out of the body.")
    if given.pop("marketplace", name["marketplace"]).lower() != name["marketplace"]:
        raise invalid("marketplace", "invalid", "Say it in the address, too: ?marketplace=….")


class OrderTracking(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("orders.track", Permission.ORDERS_WRITE, "Add a parcel to an order"),
    }
    body: ClassVar[type[Input] | None] = ShipmentInput
    answers = {"POST": shapes.Order}

    def named(self) -> QuerySet[Order]:
        return policy.visible(self.actor)

    def post(self, request: Request, pk: int) -> Response:
        order = self.named().get(pk=pk)
        shipment = read(ShipmentInput, request.data, self.actor)
        actions.add_tracking(order, shipment=shipment, actor=self.actor)
        return Response({"data": _one(self, order)})


def _taken_in(view: ApiView, order: Order) -> Response:
    """201 for an order, shown to whoever told of it whether or not he may read others."""
    location = view.request.build_absolute_uri(f"/api/v1/orders/{order.pk}")
    return Response({"data": _one(view, order)}, status=201, headers={"Location": location})


def _one(view: ApiView, order: Order) -> lists.Row:
    rows = lists.select(policy.visible(view.actor_as_agent), SHOWN_ORDER.columns)
    return SHOWN_ORDER.show(rows.get(pk=order.pk))


def _with_contact(given: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The contact found or, by the right to take orders in, made."""
    contact = given.get("contact")
    if isinstance(contact, dict):
        found = people.find_or_create_contact(**contact, actor=actor, by=Permission.ORDERS_WRITE)
        return {**given, "contact": found}
    return given


def _refuse_denied(view: ApiView, given: dict[str, Any]) -> None:
    if "tracking" in given:
        refuse_denied_tag(view.call, "orders.track")
