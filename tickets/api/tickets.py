"""`/tickets` and the verbs below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions as people
from accounts.api import lists, preferences
from accounts.api.inputs import read
from accounts.api.operations import Operation, may, refuse_denied_tag
from accounts.api.representations import LINKABLE, included
from accounts.api.resources import ByExternalId
from accounts.api.views import ApiView
from accounts.keyset import Position
from accounts.permissions import Permission
from accounts.policy import rights
from tickets import actions, policy
from tickets.api import filters, shapes
from tickets.api.representations import TICKET, ticket
from tickets.catalogue import VERBS, Verb
from tickets.inputs import NewTicket, TicketChanges
from tickets.lists import ORDERS, Selection
from tickets.models import Message, Ticket
from tickets.text import clean_line

INCLUDES = {
    "contact": "contact",
    "assignee": "agent",
    "team": "team",
    "organization": "organization",
    "followers": "agent",
    "merged_into": "ticket",
}
"""Field of a ticket → kind in `linked`."""
LISTING = lists.Listing(ORDERS, default="-id", includes=INCLUDES)


def operation(verb: Verb) -> Operation:
    return Operation(verb.name, verb.permission, verb.summary)


@dataclass(frozen=True, slots=True)
class TicketSource:
    """A list of tickets: within the actor's reach, from the top of an index."""

    selection: Selection

    @property
    def model(self) -> type[Model]:
        return Ticket

    def positions(self, *, after: Position | None, limit: int) -> list[Position]:
        return self.selection.positions(after=after, limit=limit)

    def page(self, *, offset: int, limit: int) -> tuple[list[Position], int]:
        return self.selection.page(offset=offset, limit=limit)

    def load(self, ids: Sequence[int]) -> list[lists.Row]:
        return lists.ordered(ids, lists.load_rows(policy.visible(self.selection.actor), ids, TICKET), ticket)


class Tickets(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.list", Permission.TICKETS_READ, "List tickets"),
        "POST": operation(VERBS["tickets.create"]),
    }
    parameters = lists.PARAMETERS | filters.PARAMETERS
    listing = LISTING
    query = shapes.TicketFilters
    body = VERBS["tickets.create"].input
    answers = {"GET": [shapes.Ticket], "POST": shapes.CHANGED}
    creates = True

    def get(self, request: Request) -> Response:
        ask = lists.parse(request, self.listing)
        found = filters.selection(request, self.actor, ask.order)
        selection = replace(found, condition=found.condition & ask.condition)
        return lists.answer(request, ask, TicketSource(selection), lambda page: self._linked(ask, page))

    def post(self, request: Request) -> Response:
        given = read(VERBS["tickets.create"].input, request.data, self.actor)
        opened = _open(self, given)
        return opened_answer(self, opened)

    def _linked(self, ask: lists.Ask, page: list[lists.Row]) -> dict[str, Any]:
        return link(self, ask.include, page)


class TicketDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.read", Permission.TICKETS_READ, "Read a ticket"),
        "PUT": operation(VERBS["tickets.update"]),
        "PATCH": operation(VERBS["tickets.update"]),
        "DELETE": operation(VERBS["tickets.delete"]),
    }
    parameters = frozenset({"include"})
    listing = LISTING
    versioned = True
    body = VERBS["tickets.update"].input
    answers = {"GET": shapes.TicketAlone, "PUT": shapes.CHANGED, "PATCH": shapes.CHANGED}

    def named(self) -> QuerySet[Ticket]:
        return policy.visible(self.actor)

    def get(self, request: Request, pk: int) -> Response:
        ask = lists.parse(request, self.listing)
        row = policy.visible(self.actor).get(pk=pk)
        data = one(self, pk)
        self.call.version = data["version"]
        alone = {"linked_tickets": _linked_tickets(self, row), "abilities": _abilities(self, row)}
        return Response({"data": data | alone, "linked": link(self, ask.include, [data])})

    def put(self, request: Request, pk: int) -> Response:
        row = policy.visible(self.actor).get(pk=pk)
        given = read(VERBS["tickets.update"].input, request.data, self.actor, partial=True)
        based_on = given.pop("version", None) or preferences.based_on(request)
        change(self, row, given, based_on=based_on)
        return Response({"data": one(self, pk)})

    patch = put

    def delete(self, request: Request, pk: int) -> Response:
        actions.delete(policy.visible(self.actor).get(pk=pk), actor=self.actor)
        return Response(status=204)


class TicketByExternalId(ByExternalId):
    """A ticket by the name another system has for it: changed if there is one, opened if not."""

    operations: ClassVar[dict[str, Operation]] = {
        "PUT": Operation(
            "tickets.upsert", Permission.TICKETS_WRITE, "Open or change the ticket with this external_id"
        ),
    }
    plural = "tickets"
    shown = LINKABLE["ticket"]
    body = NewTicket
    answers = {"PUT": shapes.CHANGED}

    def canonical(self, external_id: str) -> str:
        return clean_line(external_id)

    def create(self, **given: Any) -> Ticket:
        return _open(self, given)

    def change(self, row: Ticket, **given: Any) -> None:
        """What a ticket began with stays as it is."""
        change(self, row, {name: value for name, value in given.items() if name in TicketChanges().fields})

    def one(self, pk: int) -> lists.Row:
        return one(self, pk)

    def made(self, row: Model, location: str) -> Response:
        assert isinstance(row, Ticket)
        return opened_answer(self, row)


def change(view: ApiView, row: Ticket, given: dict[str, Any], *, based_on: int | None = None) -> None:
    """Change properties of a ticket, unless the key's tags deny the verb that one of them stands for."""
    for verb in VERBS.values():
        if verb.field in given:
            refuse_denied_tag(view.call, verb.name)
    with transaction.atomic():
        if "tags" in given:
            given["tags"] = actions.named_tags(given["tags"], actor=view.actor)
        actions.update(row, actor=view.actor, based_on=based_on, **given)


def verb_view(verb: Verb) -> type[ApiView]:
    """The view of `POST /tickets/{id}/{verb.path}`: answers with what the verb made, or the changed ticket."""
    makes_message, makes_ticket = verb.name in {"tickets.reply", "tickets.note"}, verb.name == "tickets.split"

    class TicketVerb(ApiView):
        operations: ClassVar[dict[str, Operation]] = {"POST": operation(verb)}
        body = verb.input if verb.input().fields else None
        answers = {"POST": shapes.Message if makes_message else shapes.CHANGED}
        creates = makes_message or makes_ticket

        def post(self, request: Request, pk: int) -> Response:
            row = policy.visible(self.actor).get(pk=pk)
            given = read(verb.input, request.data, self.actor)
            if "status" in given:
                refuse_denied_tag(self.call, "tickets.status")
            with transaction.atomic():
                made = verb.function(row, actor=self.actor, **given)
            if isinstance(made, Message):
                return written(self, made)
            if makes_ticket:
                return opened_answer(self, made)
            return Response({"data": one(self, pk)})

        def named(self) -> QuerySet[Ticket]:
            return policy.visible(self.actor)

    TicketVerb.__name__ = TicketVerb.__qualname__ = f"Ticket{verb.path.capitalize()}"
    return TicketVerb


def written(view: ApiView, made: Message) -> Response:
    """201 for a message, shown to its author whether or not the key may read others."""
    from tickets.api.messages import one_message

    location = view.request.build_absolute_uri(f"/api/v1/messages/{made.pk}")
    return Response({"data": one_message(made.pk)}, status=201, headers={"Location": location})


def one(view: ApiView, pk: int) -> lists.Row:
    """A ticket as the answer to its reader, or to whoever just changed it."""
    rows = lists.select(policy.visible(view.actor_as_agent), TICKET).filter(pk=pk)
    row = rows.first()
    if row is None:
        # Moved out of the actor's own reach by this very request: it is told what it did, nothing more.
        return {"id": pk, "number": pk}
    return ticket(row)


def opened_answer(view: ApiView, opened: Ticket) -> Response:
    """201 for a new ticket, shown to whoever opened it also when it lies outside his reach from now on."""
    location = view.request.build_absolute_uri(f"/api/v1/tickets/{opened.pk}")
    data = ticket(lists.select(Ticket.objects.all(), TICKET).get(pk=opened.pk))
    return Response({"data": data}, status=201, headers={"Location": location})


def link(view: ApiView, include: frozenset[str], page: list[lists.Row]) -> dict[str, Any]:
    return included(view.actor, LISTING, include, page)


def _linked_tickets(view: ApiView, row: Ticket) -> list[int]:
    return list(policy.visible(view.actor).filter(related=row).order_by("pk").values_list("pk", flat=True))


_OF_NO_TICKET = frozenset({"tickets.create", "tickets.import"})
_WHILE_MERGED = frozenset({"tickets.unmerge", "tickets.delete"})


def _abilities(view: ApiView, row: Ticket) -> list[str]:
    held, merged = rights(view.actor), row.merged_into_id is not None
    never = _OF_NO_TICKET if merged else _OF_NO_TICKET | {"tickets.unmerge"}
    verbs = (v for v in VERBS.values() if v.name not in never and (not merged or v.name in _WHILE_MERGED))
    return [
        v.name
        for v in verbs
        if may(view.actor, operation(v), held) and policy.can(view.actor, v.permission, row)
    ]


@transaction.atomic
def _open(view: ApiView, given: dict[str, Any]) -> Ticket:
    contact = given.pop("contact")
    if isinstance(contact, dict):
        contact = people.find_or_create_contact(**contact, actor=view.actor)
    if "tags" in given:
        given["tags"] = actions.named_tags(given["tags"], actor=view.actor)
    by_agent = given.pop("author") == "agent"
    return actions.open_ticket(contact=contact, by_agent=by_agent, actor=view.actor, **given)
