"""`/orders/{id}/notes` and `/order_notes`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import lists
from accounts.api.operations import Operation
from accounts.api.resources import BY_ID, BY_UPDATE, Collection, Member
from accounts.permissions import Permission
from orders import actions, policy
from orders.api import filters, shapes
from orders.api.representations import NOTE, SHOWN_NOTE, note
from orders.inputs import OrderNoteInput
from orders.models import Order, OrderNote

_INCLUDES = {"author": "agent"}


class OrderNotes(Collection):
    """The notes on one order."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("orders.notes", Permission.ORDER_NOTES_READ, "List an order's notes"),
        "POST": Operation("order_notes.create", Permission.ORDER_NOTES_WRITE, "Write a note on an order"),
    }
    shown = SHOWN_NOTE
    parameters = lists.PARAMETERS
    listing = lists.Listing(BY_ID | BY_UPDATE, default="id", includes=_INCLUDES)
    body = OrderNoteInput
    answers = {"GET": [shapes.OrderNote], "POST": shapes.OrderNote}
    creates = True

    def named(self) -> QuerySet[Order]:
        return policy.visible(self.actor)

    def rows(self) -> QuerySet[OrderNote]:
        order = self.named().get(pk=self.kwargs["pk"])
        return policy.visible_notes(self.actor).filter(order=order)

    def post(self, request: Request, **path: Any) -> Response:
        order = self.named().get(pk=path["pk"])
        written = actions.note(order, actor=self.actor, **self.given(request))
        # Its author sees what he wrote, whether or not he may read others.
        row = lists.select(OrderNote.objects.filter(pk=written.pk), NOTE).get()
        location = request.build_absolute_uri(f"/api/v1/order_notes/{written.pk}")
        return Response({"data": note(row)}, status=201, headers={"Location": location})


class Notes(Collection):
    """Notes across orders."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("order_notes.list", Permission.ORDER_NOTES_READ, "List notes on orders"),
    }
    shown = SHOWN_NOTE
    filters = filters.NOTES
    parameters = lists.PARAMETERS | frozenset(filters)
    listing = lists.Listing(BY_ID | BY_UPDATE, default="-id", includes=_INCLUDES)
    query = shapes.OrderNoteFilters
    answers = {"GET": [shapes.OrderNote]}


class NoteDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("order_notes.read", Permission.ORDER_NOTES_READ, "Read a note on an order"),
        "PUT": Operation("order_notes.update", Permission.ORDER_NOTES_WRITE, "Word your own note anew"),
        "PATCH": Operation("order_notes.update", Permission.ORDER_NOTES_WRITE, "Word your own note anew"),
        "DELETE": Operation("order_notes.delete", Permission.ORDER_NOTES_DELETE, "Delete a note on an order"),
    }
    shown = SHOWN_NOTE
    listing = lists.Listing(BY_ID, default="id", includes=_INCLUDES)
    body = OrderNoteInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.OrderNote)

    def change(self, row: OrderNote, **given: Any) -> None:
        if "text" in given:
            actions.edit_note(row, actor=self.actor, **given)

    def remove(self, row: OrderNote) -> None:
        actions.delete_note(row, actor=self.actor)
