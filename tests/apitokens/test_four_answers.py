"""What the preview tells, the tester says, the API answers and the lists hold is the same, whoever asks for what."""

from __future__ import annotations

import json
import re
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from accounts.api.operations import may
from accounts.api.routes import routes
from accounts.models import Agent, Team
from accounts.policy import rights
from apitokens import preview
from apitokens.models import ApiKey, KeyKind
from apitokens.rehearsal import Question, Verdict, rehearse
from orders.models import Order
from tests.apitokens.test_access_tester import agree, asked
from tests.cast import sign_in
from tests.factories import AgentFactory, TeamFactory, role, ticket
from tests.length import at_length
from tests.robot import Robot, robot
from tickets.models import Category, Status, Ticket

pytestmark = pytest.mark.django_db

ABOUT_TICKETS: dict[str, Any] = {
    "tickets.read": None,
    "tickets.messages": None,
    "tickets.notes": None,
    "tickets.delete": None,
    "tickets.unsnooze": None,
    "tickets.follow": None,
    "tickets.assign": {"assignee": None},
    "tickets.move": {"team": None},
    "tickets.status": {"status": "solved"},
    "tickets.subject": {"subject": "Another"},
    "tickets.priority": {"priority": "high"},
    "tickets.update": {"priority": "high"},
    "tickets.reply": {"body": "Hello"},
    "tickets.note": {"body": "Hello"},
    "messages.create": {"kind": "note", "body": "Hello"},
}
COUNTED = ("tickets", "contacts", "orders")
"""The lists that the preview tells the length of."""
PROMISES = {
    "messages:write": r"\breply\b",
    "notes:write": r"\bwrite internal notes\b",
    "tickets:write": r"\bcreate and change [^.;]*(tickets|everything)",
    "tickets:delete": r"\bdelete [^.;]*(tickets|everything)",
}
"""What the preview says of those who may."""


@dataclass
class World:
    agents: list[Agent]
    tickets: list[Ticket]
    keys: list[Robot]


@pytest.fixture
def world(root: Agent, alice: Agent, bob: Agent, support: Team, billing: Team) -> World:
    """People of every reach, tickets of every team and assignee, keys of every kind."""
    some = ["tickets:read", "tickets:write", "messages:write"]
    lone = AgentFactory(name="Lone", role=role("Loner", permissions=some, reach="own"), teams=[support])
    free = AgentFactory(
        name="Free", role=role("Taker", permissions=[*some, "notes:write"], reach="unassigned")
    )
    light = AgentFactory(name="Light", role=role("Light agent"), teams=[support, billing])
    blind = AgentFactory(name="Blind", role=role("Blind", permissions=["contacts:read", "tickets:write"]))
    away = AgentFactory(name="Away", is_active=False)
    agents: list[Agent] = [root, alice, bob, lone, free, light, blind, away]
    teams, solved = [support, billing, TeamFactory(name="Sales"), None], Status.objects.of(Category.SOLVED)
    tickets = [
        ticket(team=teams[n % 4], assignee=[bob, None, lone, light, alice][n % 5]) for n in range(11)
    ] + [ticket(team=billing, status=solved)]
    for n, row in enumerate(tickets[:8]):
        Order.objects.create(external_id=str(n), ticket=row if n < 6 else None, contact=row.contact)
    merged, snoozed, desk = tickets[0], tickets[1], robot(root)
    assert desk.post(f"/tickets/{merged.pk}/merge", {"into": tickets[4].pk}).status_code == 200
    assert desk.post(f"/tickets/{snoozed.pk}/snooze", {"until": "2099-01-01T00:00:00Z"}).status_code == 200
    late = robot(alice, name="Late")
    ApiKey.objects.filter(pk=late.key.pk).update(expires_at=timezone.now() - timedelta(days=1))
    keys = [
        *(robot(agent, name=f"As {agent}", owner=root) for agent in agents),
        robot(alice, access_level="read"),
        robot(light, access_level="custom", scopes=["tickets:read"]),
        robot(bob, access_level="custom", scopes=["*:read", "notes:write"]),
        robot(bob, access_level="custom", scopes=["tickets:write"]),
        robot(bob, tags=["tickets.*", "-*.delete", "-tickets.note"]),
        robot(lone, tags=["tickets.read", "tickets.reply"]),
        robot(free, tags=["-tickets.list"]),
        robot(root, admin_functions=True),
        robot(alice, addresses=["192.0.2.0/24"]),
        late,
        *(robot(None, owner=root, kind="superuser", name=f"Any {n}") for n in range(4)),
        robot(bob, owner=root, kind="superuser"),
        robot(None, owner=root, kind="superuser", access_level="read", tags=["tickets.*", "-tickets.notes"]),
    ]
    return World(agents, tickets, keys)


@pytest.mark.parametrize("combinations", [50, pytest.param(200, marks=at_length)])
def test_preview_tester_api_and_list_agree(world: World, root: Agent, combinations: int) -> None:
    """On random combinations of key, agent, ticket and operation. The seed is fixed: a failure can be repeated."""
    chance = Random(4)  # noqa: S311 - drawn again in the same order, and nothing is kept secret by it.
    desk, told = sign_in(root), set[str]()
    allowed, hidden = 0, 0
    lists: dict[tuple[int, str], Any] = {}
    for number in range(combinations):
        r, row = chance.choice(world.keys), chance.choice(world.tickets)
        name, who = chance.choice(list(ABOUT_TICKETS)), _named(chance, world, r.key)
        about = (number, r.key.name, who, row.pk, name)
        verdict = agree(r, name, str(row.pk), who, ABOUT_TICKETS[name])
        allowed, hidden = allowed + verdict.is_allowed, hidden + (verdict.status == 404)

        body = json.dumps(ABOUT_TICKETS[name]) if ABOUT_TICKETS[name] else ""
        asks = Robot(r.key, r.secret, {"X-Agent-ID": who} if who else {})
        if (r.key.pk, who) not in lists:
            lists[r.key.pk, who] = {kind: asks.get(f"/{kind}?per_page=100").json() for kind in COUNTED}
        listed = lists[r.key.pk, who]
        _list_and_ticket_agree(asks, listed["tickets"], row, verdict, about)
        acting = next((agent for agent in world.agents if str(agent.pk) == who), r.key.agent)
        if acting is not None and acting.is_active and _lets_in(verdict):
            _preview_agrees(r.key, acting, name, listed, verdict, about)

        sentence = str(verdict.error.get("message", ""))
        if sentence not in told:  # One page for every sentence that there is to say.
            told.add(sentence)
            page = asked(desk, r, name, row.pk, agent=who, body=body)
            assert (sentence or "Allowed") in page, about
    assert allowed > combinations / 5, "The combinations have to be of both kinds."
    assert hidden > combinations / 10
    assert len(told) > combinations / 25


def _named(chance: Random, world: World, key: ApiKey) -> str:
    """What X-Agent-ID says: of a superuser key mostly somebody, of another mostly nobody."""
    anybody = str(chance.choice(world.agents).pk)
    own = str(key.agent_id or "")
    return chance.choice(
        [anybody, anybody, anybody, "", "x"] if key.is_superuser_key else ["", "", own, anybody]
    )


def _list_and_ticket_agree(asks: Robot, listed: Any, row: Ticket, verdict: Verdict, about: Any) -> None:
    """A ticket is in the list when it can be read, and an operation finds it when it is in the list."""
    if not listed["success"]:
        return
    ids = {one["id"] for one in listed["data"]}
    assert len(ids) == listed["meta"]["pagination"]["total"], about
    read = asks.get(f"/tickets/{row.pk}")
    exists = row.pk in ids
    if read.status_code == 200 and read.json()["data"]["merged_into"]:
        # In no list: it is found where it went, and by its number.
        assert not exists, about
        exists = True
    assert read.status_code == (200 if exists else 404), about
    if verdict.status != 403:
        assert (verdict.status == 404) != exists, (about, verdict)


def _lets_in(verdict: Verdict) -> bool:
    """Whether what is refused, if anything, is the operation and not whoever asks."""
    return verdict.status not in {400, 401} and verdict.error.get("decided_by") not in {
        "agent",
        "address",
        "plan",
    }


def _preview_agrees(key: ApiKey, agent: Agent, name: str, listed: Any, verdict: Verdict, about: Any) -> None:
    """The preview of the key, bound to whom the request acts as."""
    bound, operation = copy(key), routes()[name].operation
    bound.kind, bound.agent = KeyKind.AGENT, agent
    told = preview.effects(bound, counts=True)
    says = " ".join(line for line in told if not line.startswith("May not"))
    for kind, rows in listed.items():
        seen = re.search(rf"Sees [^.]*?([\d,]+) {kind[:-1]}s?\b", says)
        if rows["success"]:
            assert seen, (about, kind, says)
            assert int(seen[1]) == rows["meta"]["pagination"]["total"], (about, kind, says)
        elif rows["error"].get("decided_by") in {"scope", "role"}:
            assert not seen, (about, kind, says)

    actor = preview.acting(bound, agent)
    possible, usable = may(actor, operation, rights(actor)), preview.usable_by(actor)
    promised = PROMISES.get(str(operation.permission))
    if verdict.is_allowed:
        assert possible, about
        assert operation.permission is None or operation.permission in usable, about
        assert promised is None or re.search(promised, says), (about, says)
    elif verdict.error.get("decided_by") in {"scope", "role", "tag"} and not operation.either:
        assert not possible, (about, verdict)
        assert promised is None or bound.tags or not re.search(promised, says), (about, says)
    if not possible:
        named = str(agent.pk) if key.is_superuser_key else ""
        number = str(Ticket.objects.earliest("pk").pk)
        bodiless = rehearse(Question(key.pk, routes()[name], "127.0.0.1", named, number))
        assert not bodiless.is_allowed, about
