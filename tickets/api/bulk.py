"""`/tickets/bulk`: the same to many tickets, each by the rules and in a transaction of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.refusal import Refused
from accounts.api import lists
from accounts.api.inputs import read
from accounts.api.operations import Operation, require_scope
from accounts.api.views import ApiView
from accounts.permissions import Permission
from accounts.policy import NotAllowed
from tickets import policy
from tickets.api import shapes
from tickets.api.representations import TICKET, ticket
from tickets.api.tickets import operation
from tickets.bulk import BULK, BulkInput


class Bulk(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("tickets.bulk", Permission.TICKETS_WRITE, "Do the same to up to 100 tickets"),
    }
    body = BulkInput
    answers = {"POST": [shapes.Outcome]}

    def post(self, request: Request) -> Response:
        given = read(BulkInput, request.data, self.actor)
        ids = list(dict.fromkeys(given.pop("ids")))
        for name in given:
            require_scope(self.call, operation(BULK[name][0]))
        # Locked in the order of their ids, so that two requests of this kind never wait for each other in a circle.
        refusals = {pk: error for pk in sorted(ids) if (error := self._change(pk, given))}
        now = self._now(pk for pk in ids if pk not in refusals)
        data = [
            {
                "id": pk,
                "outcome": _outcome(refusals.get(pk)),
                "ticket": now.get(pk),
                "error": refusals.get(pk),
            }
            for pk in ids
        ]
        return Response({"data": data, "meta": Counter(row["outcome"] for row in data)})

    def _change(self, pk: int, given: dict[str, Any]) -> dict[str, Any] | None:
        """Do everything to one ticket or nothing. Returns the refusal as the ticket's own request would tell it."""
        try:
            with transaction.atomic():
                row = policy.visible(self.actor).get(pk=pk)
                for name, (_verb, change) in BULK.items():
                    if name in given:
                        change(row, given[name], self.actor)
        except (Refused, NotAllowed, ObjectDoesNotExist) as refusal:
            return self._told(refusal)
        return None

    def _told(self, refusal: Exception) -> dict[str, Any]:
        answer = self.get_exception_handler()(refusal, self.get_exception_handler_context())
        # That one ticket was refused is no refusal of the request: its own line in the log says 200.
        self.call.code = self.call.reason = ""
        error: dict[str, Any] = answer.data["error"]
        return error

    def _now(self, ids: Iterable[int]) -> dict[int, lists.Row]:
        """The changed tickets, except those that left the agent's reach with it."""
        rows = lists.load_rows(policy.visible(self.actor_as_agent), list(ids), TICKET)
        return {row["id"]: ticket(row) for row in rows}


def _outcome(refusal: dict[str, Any] | None) -> str:
    if refusal is None:
        return "ok"
    return "not_found" if refusal["status"] == 404 else "refused"
