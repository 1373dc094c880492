"""A key only ever narrows: by access level, scopes, tags, the agent's role and the agent's reach."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Team
from tests.factories import AgentFactory, role, ticket
from tests.robot import reason, robot

pytestmark = pytest.mark.django_db

NEW = {"subject": "Lost parcel", "message": "Where is it?", "contact": "carol@customer.example"}


def test_a_read_only_key_reads_and_says_what_it_lacks(alice: Agent) -> None:
    r = robot(alice, access_level="read")
    assert r.get("/tickets").status_code == 200
    answer = r.post("/tickets", NEW)
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["required_scopes"] == ["tickets:write"]
    assert error["granted_scopes"] == ["*:read"]
    assert error["decided_by"] == "scope"
    assert 'error="insufficient_scope", scope="tickets:write"' in answer.headers["WWW-Authenticate"]
    assert answer.headers["X-Accepted-Scopes"] == "tickets:write"


def test_a_key_for_opening_tickets_opens_tickets_and_does_nothing_else(alice: Agent) -> None:
    r = robot(alice, tags=["tickets.create"])
    opened = r.post("/tickets", NEW)
    assert opened.status_code == 201
    number = opened.json()["data"]["id"]
    for answer in (
        r.get("/tickets"),
        r.get(f"/tickets/{number}"),
        r.post(f"/tickets/{number}/reply", {"body": "Hello"}),
        r.post(f"/tickets/{number}/messages", {"body": "Hello"}),
        r.patch(f"/tickets/{number}", {"status": "solved"}),
        r.delete(f"/tickets/{number}"),
        r.get("/contacts"),
        r.get("/me"),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"]["decided_by"] == "tag"


def test_a_denied_operation_has_no_second_door(alice: Agent) -> None:
    case = ticket()
    r = robot(alice, tags=["*", "-tickets.assign", "-tickets.note"])
    assert r.patch(f"/tickets/{case.pk}", {"priority": "high"}).status_code == 200
    assert r.patch(f"/tickets/{case.pk}", {"assignee": alice.email}).json()["error"]["decided_by"] == "tag"
    note = {"kind": "note", "body": "psst"}
    assert r.post(f"/tickets/{case.pk}/messages", note).json()["error"]["decided_by"] == "tag"
    assert r.post(f"/tickets/{case.pk}/reply", {"body": "Hello"}).status_code == 201


def test_a_create_only_key_writes_without_reading(alice: Agent) -> None:
    r = robot(alice, access_level="custom", scopes=["requests:write"])
    assert r.post("/tickets", NEW | {"assignee": alice.email}).status_code == 201
    assert r.get("/tickets").json()["error"]["required_scopes"] == ["tickets:read"]
    assert r.get("/me").json()["data"]["scopes"] == ["requests:write"]


def test_full_access_gives_nothing_the_role_lacks(support: Team) -> None:
    light = AgentFactory(name="Lena", role=role("Light agent"), teams=[support])
    case = ticket(team=support)
    answer = robot(light).post(f"/tickets/{case.pk}/reply", {"body": "Hello"})
    assert (answer.status_code, reason(answer)) == (403, "agent_permission")
    assert answer.json()["error"]["decided_by"] == "role"
    assert "Light agent" in answer.json()["error"]["message"]
    assert answer.json()["error"]["missing_permission"] == "messages:write"


def test_internal_notes_need_their_own_scope(alice: Agent) -> None:
    case = ticket()
    robot(alice).post(f"/tickets/{case.pk}/note", {"body": "canarynote"})
    without = robot(alice, access_level="custom", scopes=["tickets:read", "messages:read"])
    assert "canarynote" not in without.get(f"/tickets/{case.pk}/messages").content.decode()
    assert "canarynote" not in without.get("/messages").content.decode()
    assert without.get("/tickets?q=canarynote").json()["data"] == []
    with_notes = robot(alice, access_level="custom", scopes=["tickets:read", "messages:read", "notes:read"])
    assert "canarynote" in with_notes.get(f"/tickets/{case.pk}/messages").content.decode()
    assert len(with_notes.get("/tickets?q=canarynote").json()["data"]) == 1


def test_what_is_included_needs_its_own_scope(alice: Agent) -> None:
    ticket()
    r = robot(alice, access_level="custom", scopes=["tickets:read", "agents:read"])
    linked = r.get("/tickets?include=contact,assignee").json()["linked"]
    assert linked["contact"] == {}


def test_narrowing_the_role_acts_on_the_next_request(alice: Agent) -> None:
    r = robot(alice)
    assert r.get("/tickets").status_code == 200
    alice.role.permissions = ["contacts:read"]
    alice.role.save()
    answer = r.get("/tickets")
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "role")
    assert r.get("/contacts").status_code == 200
