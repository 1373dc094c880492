"""`/agents`: who works here, and which programs have an identity of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api import filters, lists, shapes
from accounts.api.inputs import AgentFields, NewAgent
from accounts.api.operations import Operation, refuse_denied_tag
from accounts.api.representations import LINKABLE
from accounts.api.resources import BY_ID, BY_NAME, WITHOUT_TIMES, Collection, Member, Resource
from accounts.models import Agent, AgentKind
from accounts.models.agent import normalize_email
from accounts.permissions import Permission

LISTING = lists.Listing(BY_ID | BY_NAME, default="id", includes={"teams": "team"})
_COLUMNS = {"active": "is_active", "available": "is_available"}


class Agents(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("agents.list", Permission.AGENTS_READ, "List agents"),
        "POST": Operation("agents.create", Permission.AGENTS_WRITE, "Create an agent"),
    }
    shown = LINKABLE["agent"]
    filters = {
        "email": filters.equals("email", normalize_email),
        "active": filters.flag("is_active"),
        "role": filters.owner("role"),
        "team": filters.owner("teams"),
        "kind": filters.choice("kind", AgentKind.values),
    }
    parameters = WITHOUT_TIMES | set(filters)
    listing = LISTING
    query = shapes.AgentFilters
    body = NewAgent
    answers = {"GET": [shapes.Agent], "POST": shapes.Agent}
    creates = True

    @transaction.atomic
    def create(self, **given: Any) -> Agent:
        invited = given.pop("invite")
        agent = actions.create_agent(actor=self.actor, **given)
        if invited and agent.can_sign_in:
            actions.invite(agent, actor=self.actor)
        return agent


class AgentDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("agents.read", Permission.AGENTS_READ, "Read an agent"),
        "PUT": Operation("agents.update", Permission.AGENTS_WRITE, "Change an agent"),
        "PATCH": Operation("agents.update", Permission.AGENTS_WRITE, "Change an agent"),
    }
    shown = LINKABLE["agent"]
    listing = LISTING
    body = AgentFields
    answers = dict.fromkeys(operations, shapes.Agent)

    def change(self, row: Agent, **given: Any) -> object:
        if "active" in given:
            refuse_denied_tag(self.call, "agents.activate" if given["active"] else "agents.deactivate")
        related = {"teams": given.pop("teams")} if "teams" in given else None
        fields = {_COLUMNS.get(name, name): value for name, value in given.items()}
        return actions.change(row, actor=self.actor, related=related, **fields)


class AgentStanding(Resource):
    """`POST /agents/{id}/activate` and `/deactivate`: they answer with the agent."""

    shown = LINKABLE["agent"]
    answers = {"POST": shapes.Agent}
    active: ClassVar[bool]

    def post(self, request: Request, pk: int) -> Response:
        rows = self.shown.rows(self.actor_as_agent)
        actions.change(rows.get(pk=pk), actor=self.actor, is_active=self.active)
        return Response({"data": self.shown.show(lists.select(rows, self.shown.columns).get(pk=pk))})


class Activate(AgentStanding):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("agents.activate", Permission.AGENTS_WRITE, "Let an agent in again"),
    }
    active = True


class Deactivate(AgentStanding):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("agents.deactivate", Permission.AGENTS_WRITE, "Shut an agent out"),
    }
    active = False
