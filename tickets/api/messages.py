"""`/messages` and `/notes`, across tickets and of one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.inputs import read
from accounts.api.operations import OPERATIONS, Operation, refuse_denied_tag, require_scope
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, WITHOUT_TIMES, Collection, Member
from accounts.api.views import ApiView
from accounts.keyset import Order
from accounts.permissions import Permission
from accounts.policy import require
from tickets import actions, policy
from tickets.api import shapes
from tickets.api.filters import of_conversation
from tickets.api.representations import MESSAGE, delivery, message
from tickets.api.tickets import written
from tickets.catalogue import VERBS
from tickets.inputs import DeliveryInput, NewMessageInput
from tickets.models import Message, MessageKind, Ticket

_ORDERS = BY_ID | {"created_at": Order("created_at", False), "-created_at": Order("created_at")}
_NEWEST = lists.Listing(_ORDERS, default="-id", includes={"ticket": "ticket"})
_OLDEST = lists.Listing(_ORDERS, default="id")
_MESSAGES = Shown(policy.visible_messages, MESSAGE, message, Permission.MESSAGES_READ)
_NOTES = Shown(policy.visible_notes, MESSAGE, message, Permission.NOTES_READ)


class Messages(Collection):
    """Messages across tickets."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("messages.list", Permission.MESSAGES_READ, "List messages"),
    }
    shown = _MESSAGES
    filters = {"ticket": of_conversation("ticket"), "kind": filters.choice("kind", MessageKind.values)}
    parameters = WITHOUT_TIMES | set(filters)
    listing = _NEWEST
    query = shapes.MessageFilters
    answers = {"GET": [shapes.Message]}


class MessageDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("messages.read", Permission.MESSAGES_READ, "Read a message"),
    }
    shown = _MESSAGES
    listing = _NEWEST
    answers = {"GET": shapes.Message}


class MessageDelivery(ApiView):
    """What became of a reply on its way, from the program that carries it."""

    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("messages.delivery", Permission.MESSAGES_WRITE, "Report how far a reply has come"),
    }
    body = DeliveryInput
    answers = {"POST": shapes.Delivered}

    def post(self, request: Request, pk: int) -> Response:
        row = self.named().get(pk=pk)
        given = read(DeliveryInput, request.data, self.actor)
        row = actions.report_delivery(row, actor=self.actor, **given)
        told = {"id": row.pk, "ticket": row.ticket_id, "delivery": delivery(vars(row))}
        return Response({"data": told})

    def named(self) -> QuerySet[Message]:
        return policy.visible_messages(self.actor)


class Notes(Collection):
    """Internal notes across tickets: readable without the right to read replies."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("notes.list", Permission.NOTES_READ, "List internal notes"),
    }
    shown = _NOTES
    filters = {"ticket": of_conversation("ticket")}
    parameters = WITHOUT_TIMES | set(filters)
    listing = _NEWEST
    query = shapes.TicketFilter
    answers = {"GET": [shapes.Message]}


class NoteDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("notes.read", Permission.NOTES_READ, "Read an internal note"),
    }
    shown = _NOTES
    listing = _NEWEST
    answers = {"GET": shapes.Message}


class TicketNotes(Collection):
    """The internal notes of one ticket."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.notes", Permission.NOTES_READ, "List a ticket's internal notes"),
    }
    shown = _NOTES
    parameters = WITHOUT_TIMES - {"include"}
    listing = _OLDEST
    answers = {"GET": [shapes.Message]}

    def rows(self) -> QuerySet[Message]:
        return _of_one_ticket(self)


class TicketMessages(Collection):
    """The conversation of one ticket."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.messages", Permission.MESSAGES_READ, "List a ticket's messages"),
        "POST": Operation(
            "messages.create",
            None,
            "Write a reply or a note",
            either=(Permission.MESSAGES_WRITE, Permission.NOTES_WRITE),
        ),
    }
    shown = _MESSAGES
    filters = {"kind": filters.choice("kind", MessageKind.values)}
    parameters = WITHOUT_TIMES - {"include"} | set(filters)
    listing = _OLDEST
    query = shapes.ConversationFilters
    body = NewMessageInput
    answers = {"GET": [shapes.Message], "POST": shapes.Message}
    creates = True

    def rows(self) -> QuerySet[Message]:
        return _of_one_ticket(self)

    def post(self, request: Request, **path: Any) -> Response:
        """A reply or a note: each needs what its own sub-resource needs."""
        ticket = policy.visible(self.actor).get(pk=path["pk"])
        given = read(NewMessageInput, request.data, self.actor)
        kind = given.pop("kind")
        require_scope(self.call, OPERATIONS[f"tickets.{kind}"])
        if "status" in given:
            refuse_denied_tag(self.call, "tickets.status")
        if kind == "reply":
            return written(self, VERBS["tickets.reply"].function(ticket, actor=self.actor, **given))
        return written(self, actions.note(ticket, actor=self.actor, **given))

    def named(self) -> QuerySet[Ticket]:
        return policy.visible(self.actor)

    def require_again(self, **path: Any) -> None:
        super().require_again(**path)
        kind = read(NewMessageInput, self.request.data, self.actor)["kind"]
        require(self.actor, VERBS[f"tickets.{kind}"].permission)


def one_message(pk: int) -> dict[str, Any]:
    """A message as the answer to whoever just wrote it."""
    rows = Message.objects.filter(pk=pk)
    return message(lists.select(rows, MESSAGE).get())


def _of_one_ticket(view: Collection) -> QuerySet[Message]:
    """The messages that the view shows, of the ticket that its address names."""
    ticket = policy.visible(view.actor).get(pk=view.kwargs["pk"])
    return view.shown.rows(view.actor).filter(ticket__in=policy.conversation(ticket))
