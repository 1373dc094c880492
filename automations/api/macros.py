"""`/macros`, and applying one to a ticket."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.inputs import read
from accounts.api.lists import Row
from accounts.api.operations import Operation, require_scope
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, BY_NAME, BY_UPDATE, Collection, Member
from accounts.api.views import ApiView
from accounts.permissions import Permission
from accounts.policy import require
from automations import actions, policy
from automations.api import shapes
from automations.inputs import ApplyInput, MacroInput
from automations.models import Macro
from automations.step_kinds import KINDS
from tickets import policy as ticket_policy
from tickets.api.shapes import CHANGED
from tickets.api.tickets import one
from tickets.models import Sharing, Ticket


def _macro(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "steps": row["steps"],
        "sharing": row["sharing"],
        "team": row["team_id"],
        "owner": row["owner_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


_COLUMNS = ("id", "name", "steps", "sharing", "team_id", "owner_id", "created_at", "updated_at")
_MACROS = Shown(policy.visible_macros, dict.fromkeys(_COLUMNS), _macro, Permission.MACROS_READ)


class Macros(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("macros.list", Permission.MACROS_READ, "List macros"),
        "POST": Operation("macros.create", Permission.MACROS_WRITE, "Make a macro"),
    }
    shown = _MACROS
    filters = {
        "name": filters.equals("name__iexact"),
        "sharing": filters.choice("sharing", Sharing.values),
        "team": filters.row("team"),
        "owner": filters.owner("owner"),
    }
    parameters = lists.PARAMETERS | set(filters)
    listing = lists.Listing(
        BY_ID | BY_NAME | BY_UPDATE, default="id", includes={"team": "team", "owner": "agent"}
    )
    query = shapes.MacroFilters
    body = MacroInput
    answers = {"GET": [shapes.Macro], "POST": shapes.Macro}
    creates = True

    def create(self, **given: Any) -> Macro:
        return actions.create_macro(actor=self.actor, **given)


class MacroDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("macros.read", Permission.MACROS_READ, "Read a macro"),
        "PUT": Operation("macros.update", Permission.MACROS_WRITE, "Change a macro"),
        "PATCH": Operation("macros.update", Permission.MACROS_WRITE, "Change a macro"),
        "DELETE": Operation("macros.delete", Permission.MACROS_DELETE, "Delete a macro"),
    }
    shown = _MACROS
    listing = Macros.listing
    body = MacroInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Macro)

    def change(self, row: Macro, **given: Any) -> object:
        return actions.change_macro(row, actor=self.actor, **given)

    def remove(self, row: Macro) -> None:
        actions.delete_macro(row, actor=self.actor)


class ApplyMacro(ApiView):
    """All steps of a macro on one ticket, or none."""

    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("macros.apply", Permission.TICKETS_WRITE, "Apply a macro to a ticket"),
    }
    body = ApplyInput
    answers = {"POST": CHANGED}

    def post(self, request: Request, pk: int) -> Response:
        row = ticket_policy.visible(self.actor).get(pk=pk)
        macro: Macro = read(ApplyInput, request.data, self.actor)["macro"]
        require(self.actor, Permission.MACROS_READ)
        ticket_policy.authorize(self.actor, Permission.TICKETS_WRITE, row)
        for step in macro.steps:
            kind = KINDS[step["do"]]
            require_scope(self.call, Operation(kind.operation, kind.permission, ""))
        actions.apply_macro(macro, ticket=row, actor=self.actor)
        return Response({"data": one(self, pk)})

    def named(self) -> QuerySet[Ticket]:
        return ticket_policy.visible(self.actor)
