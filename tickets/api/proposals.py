"""`/proposals`, and those of one ticket."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.inputs import Input, read
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, WITHOUT_TIMES, Collection, Member, Resource
from accounts.permissions import Permission
from tickets import actions, policy
from tickets.api import shapes
from tickets.api.representations import PROPOSAL, proposal
from tickets.catalogue import VERBS
from tickets.inputs import Approval, Refusal
from tickets.models import Proposal, ProposalKind, ProposalState, Ticket

_SHOWN = Shown(policy.visible_proposals, PROPOSAL, proposal, Permission.TICKETS_READ)
_INCLUDES = {"agent": "agent", "ticket": "ticket", "decided_by": "agent"}
_NEWEST = lists.Listing(BY_ID, default="-id", includes=_INCLUDES)
_DECIDES = (Permission.MESSAGES_WRITE, Permission.NOTES_WRITE, Permission.TICKETS_WRITE)
_FILTERS = {
    "state": filters.choice("state", ProposalState.values),
    "kind": filters.choice("kind", ProposalKind.values),
}


class TicketProposals(Collection):
    """What is and was proposed in one ticket."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.proposals", Permission.TICKETS_READ, "List a ticket's proposals"),
        "POST": Operation(
            "tickets.propose", VERBS["tickets.propose"].permission, VERBS["tickets.propose"].summary
        ),
    }
    shown = _SHOWN
    filters = _FILTERS
    parameters = WITHOUT_TIMES | set(filters)
    listing = _NEWEST
    query = shapes.ProposalFilters
    body = VERBS["tickets.propose"].input
    answers = {"GET": [shapes.Proposal], "POST": shapes.Proposal}
    creates = True

    def named(self) -> QuerySet[Ticket]:
        return policy.visible(self.actor)

    def rows(self) -> QuerySet[Proposal]:
        return policy.visible_proposals(self.actor).filter(ticket=self.named().get(pk=self.kwargs["pk"]))

    def post(self, request: Request, **path: Any) -> Response:
        ticket = self.named().get(pk=path["pk"])
        made = VERBS["tickets.propose"].function(ticket, actor=self.actor, **self.given(request))
        location = request.build_absolute_uri(f"/api/v1/proposals/{made.pk}")
        return Response({"data": _one(made)}, status=201, headers={"Location": location})


class Proposals(Collection):
    """Proposals across tickets."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("proposals.list", Permission.TICKETS_READ, "List proposals"),
    }
    shown = _SHOWN
    filters = _FILTERS
    parameters = WITHOUT_TIMES | set(filters)
    listing = _NEWEST
    query = shapes.ProposalFilters
    answers = {"GET": [shapes.Proposal]}


class ProposalDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("proposals.read", Permission.TICKETS_READ, "Read a proposal"),
    }
    shown = _SHOWN
    listing = _NEWEST
    answers = {"GET": shapes.Proposal}


class _OneProposal(Resource):
    shown = _SHOWN
    answers = {"POST": shapes.Proposal}

    def named(self) -> QuerySet[Proposal]:
        return self.mine().select_related("ticket")


class Approve(_OneProposal):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("proposals.approve", None, "Approve a proposal: do what it says", either=_DECIDES),
    }
    body: ClassVar[type[Input] | None] = Approval

    def post(self, request: Request, pk: int) -> Response:
        row = self.named().get(pk=pk)
        given = read(Approval, request.data, self.actor)
        return _answer(actions.approve(row, actor=self.actor, seen=given.pop("version", None), **given))


class Decline(_OneProposal):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("proposals.decline", None, "Decline a proposal", either=_DECIDES),
    }
    body: ClassVar[type[Input] | None] = Refusal

    def post(self, request: Request, pk: int) -> Response:
        row = self.named().get(pk=pk)
        return _answer(actions.decline(row, actor=self.actor, **read(Refusal, request.data, self.actor)))


class Withdraw(_OneProposal):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation(
            "proposals.withdraw", Permission.TICKETS_PROPOSE, "Withdraw a proposal of one's own"
        ),
    }

    def post(self, request: Request, pk: int) -> Response:
        return _answer(actions.withdraw(self.named().get(pk=pk), actor=self.actor))


def _answer(row: Proposal) -> Response:
    return Response({"data": _one(row)})


def _one(row: Proposal) -> lists.Row:
    """A proposal as the answer to whoever just made or decided it."""
    return proposal(lists.select(Proposal.objects.filter(pk=row.pk), PROPOSAL).get())
