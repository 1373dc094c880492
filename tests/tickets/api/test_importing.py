"""Moving here from another helpdesk: tickets come as they were, twice if need be, and nobody is told."""

from __future__ import annotations

import base64
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import PASSWORD, AgentFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Message, Tag, Ticket

pytestmark = pytest.mark.django_db

FILE = {"name": "lamp.txt", "content": base64.b64encode(b"flicker").decode()}
OLD: dict[str, Any] = {
    "external_id": "old-desk-77",
    "subject": "The lamp flickers",
    "contact": {"email": "dora@customer.example", "name": "Dora", "created_at": "2023-01-05T10:00:00Z"},
    "status": "closed",
    "priority": "high",
    "team": "Support",
    "assignee": "alice@desk.example",
    "tags": ["lamp", "series 7"],
    "created_at": "2023-03-01T09:00:00Z",
    "messages": [
        {"body": "Thank you!", "created_at": "2023-03-03T08:00:00Z"},
        {"body": "It flickers.", "created_at": "2023-03-01T09:00:00Z", "attachments": [FILE]},
        {"agent": "gone@desk.example", "body": "Since when?", "created_at": "2023-03-01T10:00:00+01:00"},
        {"contact": "mallory@elsewhere.example", "body": "Mine too.", "created_at": "2023-03-01T12:00:00Z"},
        {"kind": "note", "agent": "alice@desk.example", "body_html": "<b>Hush</b>",
         "created_at": "2023-03-02T09:00:00Z"},
    ],
}  # fmt: skip
SCOPES = ["tickets:import"]


@pytest.fixture
def gone(alice: Agent, mallory: Contact) -> Agent:
    return AgentFactory(name="Gone", email="gone@desk.example", is_active=False)


@pytest.fixture
def mover(root: Agent) -> Robot:
    return robot(root, scopes=SCOPES)


def queued() -> int:
    """Work that somebody could hear of. The clocks of what is moved here are set without telling anybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name <> 'automations.clockwork.keep_clocks_right'"
        )
        return int(cursor.fetchone()[0])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_ticket_of_three_years_ago_comes_as_it_was(mover: Robot, alice: Agent, gone: Agent) -> None:
    ticket("Of today", assignee=alice)
    jobs = queued()
    first = mover.post("/tickets/import", OLD)
    assert first.status_code == 201, first.content
    again = mover.post("/tickets/import", OLD)
    assert (again.status_code, again.json()["data"]) == (200, first.json()["data"])
    case = Ticket.objects.get(external_id="old-desk-77")
    assert (case.created_at, case.updated_at) == (at("2023-03-01T09:00"), at("2023-03-03T08:00"))
    assert (case.first_replied_at, case.solved_at) == (case.created_at, case.updated_at)
    assert (case.category, case.version, case.followers.count()) == ("closed", 1, 0)
    told = [
        (m.body_text, m.author and str(m.author), m.direction, m.key_id)
        for m in case.messages.order_by("id").select_related("agent", "contact")
    ]
    key = mover.key.pk
    assert told == [
        ("It flickers.", "Dora", "in", key),
        ("Since when?", "Gone", "out", key),
        ("Mine too.", "Mallory", "in", key),
        ("Hush", "Alice", "out", key),
        ("Thank you!", "Dora", "in", key),
    ]
    assert list(case.messages.values_list("created_at", flat=True))[-1] == at("2023-03-03T08:00")
    assert Contact.objects.get(name="Dora").created_at == at("2023-01-05T10:00")
    events = Event.objects.filter(facts__quiet=True).order_by("id").values_list("type", flat=True)
    assert list(events) == ["contact.created", "tag.created", "tag.created", "ticket.imported"]
    assert (queued(), mail.outbox) == (jobs, [])
    agent = robot(alice)
    found = agent.get("/tickets?q=flickers&sort=-updated_at").json()["data"]
    assert [row["id"] for row in found] == [case.pk]
    listed = agent.get("/tickets?sort=-updated_at").json()["data"]
    assert [row["external_id"] for row in listed] == [None, "old-desk-77"]
    page = sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert page.index("It flickers.") < page.index("Since when?") < page.index("Thank you!")
    assert "moved the ticket here from another system" in page


FUTURE = "2999-01-01T00:00:00Z"


IMPOSSIBLE: list[tuple[str, Any, str]] = [
    ("created_at", FUTURE, "created_at"),
    ("updated_at", FUTURE, "updated_at"),
    ("updated_at", "2023-02-01T00:00:00Z", "updated_at"),
    ("updated_at", "2023-03-02T00:00:00Z", "messages.0.created_at"),
    ("solved_at", "2022-01-01T00:00:00Z", "solved_at"),
    ("first_replied_at", "2023-03-02T00:00:00Z", "first_replied_at"),
    ("messages", [], "messages"),
    ("messages.3.created_at", "2023-02-28T23:59:59Z", "messages.3.created_at"),
    ("messages.3.created_at", FUTURE, "messages.3.created_at"),
    ("messages.3.created_at", "0001-01-01T00:00:00+14:00", "messages.3.created_at"),
    ("messages.3.created_at", None, "messages.3.created_at"),
    ("messages.3.body", "", "messages.3.body"),
    ("messages.3.agent", "alice@desk.example", "messages.3.contact"),
    ("messages.4.agent", "nobody@desk.example", "messages.4.agent"),
    ("messages.0.kind", "note", "messages.0.agent"),
    ("messages.0.attachments", [4711], "messages.0.attachments.0"),
    ("messages.0.colour", "red", "messages.0.colour"),
    ("contact", {"email": "x@customer.example", "created_at": FUTURE}, "contact.created_at"),
    ("external_id", "", "external_id"),
    ("external_id", "a\x00b", "external_id"),
    ("assignee", "gone@desk.example", "assignee"),
]


def test_what_cannot_have_been_is_refused_by_its_path(mover: Robot, gone: Agent) -> None:
    for where, value, field in IMPOSSIBLE:
        body: Any = deepcopy(OLD)
        *path, name = where.split(".")
        part = body
        for step in path:
            part = part[int(step) if step.isdigit() else step]
        part[name] = value
        answer = mover.post("/tickets/import", body)
        assert answer.status_code == 422, (where, answer.content)
        assert list(answer.json()["error"]["fields"]) == [field]
    for model in (Ticket, Message, Tag):
        assert not model.objects.exists()
    assert not Contact.objects.filter(name="Dora").exists()
    assert mover.post("/tickets/import", OLD | {"status": "open"}).json()["data"]["solved_at"] is None


def test_a_long_ticket_comes_whole_and_a_longer_one_not(mover: Robot, gone: Agent) -> None:
    start = at("2023-03-01T09:00")
    said = [
        {"body": f"Line {n}", "created_at": (start + timedelta(minutes=n)).isoformat()} for n in range(501)
    ]
    refused = mover.post("/tickets/import", OLD | {"messages": said})
    assert list(refused.json()["error"]["fields"]) == ["messages"]
    assert mover.post("/tickets/import", OLD | {"messages": said[:60]}).status_code == 201
    assert Ticket.objects.get().messages.count() == 60


def test_one_out_of_reach_stays_taken_and_a_dry_run_imports_nothing(
    root: Agent, gone: Agent, support: Team, bob: Agent
) -> None:
    clerk = role("Mover", permissions=[*role("Team agent").permissions, "tickets:import"], reach="teams")
    his = robot(AgentFactory(name="Mo", role=clerk, teams=list(bob.teams.all())), scopes=SCOPES)
    dry = his.post("/tickets/import", OLD, Prefer="dry-run")
    assert [e["type"] for e in dry.json()["meta"]["events"]][-1] == "ticket.imported"
    assert not Ticket.objects.exists()
    assert robot(root, scopes=SCOPES).post("/tickets/import", OLD).status_code == 201
    taken = his.post("/tickets/import", OLD)
    assert (taken.status_code, reason(taken), taken.json()["error"]["existing"]) == (409, "duplicate", None)


# --- The right ------------------------------------------------------------------------------------------------


def test_no_level_and_no_wildcard_includes_it(root: Agent, alice: Agent, gone: Agent) -> None:
    for fields in (
        {"access_level": "full"},
        {"access_level": "full", "admin_functions": True},
        {"access_level": "custom", "scopes": ["*:read", "*:write", "*:delete"]},
    ):
        answer = robot(root, **fields).post("/tickets/import", OLD)
        assert (answer.status_code, answer.json()["error"]["required_scopes"]) == (403, SCOPES)
    machine = robot(root, admin_functions=True)
    assert (
        machine.post("/keys", {"name": "X", "access_level": "custom", "scopes": ["*:import"]}).status_code
        == 422
    )
    lacks = robot(alice, scopes=SCOPES).post("/tickets/import", OLD)
    assert (lacks.status_code, lacks.json()["error"]["missing_permission"]) == (403, "tickets:import")
    allowed = robot(root, access_level="read", scopes=SCOPES)
    me = allowed.get("/me")
    assert me.json()["data"]["scopes"] == ["*:read", "tickets:import"]
    assert "tickets.import" in me.json()["data"]["abilities"]
    assert allowed.post("/requests/import", OLD).json()["error"]["required_scopes"] == ["tags:write"]
    assert allowed.post("/requests/import", OLD | {"tags": []}).status_code == 201


def test_nobody_gives_it_who_lacks_it(root: Agent, alice: Agent) -> None:
    key = {"name": "Mover", "agent": root.pk, "scopes": SCOPES, "access_level": "full"}
    lacks = robot(root, admin_functions=True).post("/keys", key)
    assert (lacks.status_code, lacks.json()["error"]["missing_permission"]) == (403, "tickets:import")
    holds = robot(root, admin_functions=True, scopes=SCOPES).post("/keys", key)
    assert holds.json()["data"]["granted_scopes"] == ["*:read", "*:write", "*:delete", "tickets:import"]
    url = f"/keys/{holds.json()['data']['id']}"
    machine = robot(root, admin_functions=True, scopes=SCOPES)
    assert machine.patch(url, {"access_level": "read"}).json()["data"]["granted_scopes"] == [
        "*:read",
        *SCOPES,
    ]
    assert machine.patch(url, {"scopes": []}).json()["data"]["granted_scopes"] == ["*:read"]
    assert machine.patch(url, {"scopes": SCOPES}).json()["data"]["granted_scopes"] == ["*:read", *SCOPES]
    mixed = machine.patch(url, {"access_level": "read", "scopes": [*SCOPES, "tags:write"]})
    assert list(mixed.json()["error"]["fields"]) == ["scopes"]
    keeper = role(
        "Keeper",
        permissions=["keys:read", "keys:write", "agents:read", "roles:read", "roles:write"],
        enters_admin=True,
    )
    browser = sign_in(AgentFactory(name="Kim", role=keeper))
    assert 'name="imports"' not in browser.get("/admin/apitokens/apikey/add/").content.decode()
    edited = browser.get(f"/admin/accounts/role/{keeper.pk}/change/").content.decode()
    assert 'value="tickets:import" disabled' in edited


def test_the_forms_have_a_box_for_it(root: Agent, alice: Agent) -> None:
    browser = sign_in(root)
    made = robot(root)
    form = {
        "name": "Mover", "agent": root.pk, "owner": root.pk, "access_level": "full", "kind": "agent",
        "imports": "on", "expiry": "never", "form_token": "once",
        "password": PASSWORD,
    }  # fmt: skip
    page = browser.post(f"/admin/apitokens/apikey/{made.key.pk}/change/", form)
    assert page.status_code == 302, page.content
    made.key.refresh_from_db()
    assert made.key.scopes == SCOPES
    shown = browser.get(f"/admin/apitokens/apikey/{made.key.pk}/change/").content.decode()
    assert 'name="imports"' in shown
    assert "imports tickets" in browser.get("/admin/apitokens/apikey/").content.decode()
    granted = {"name": alice.role.name, "reach": "all", "permissions": [*alice.role.permissions, *SCOPES]}
    assert browser.post(f"/admin/accounts/role/{alice.role.pk}/change/", granted).status_code == 302
    alice.role.refresh_from_db()
    assert "tickets:import" in alice.role.permissions
