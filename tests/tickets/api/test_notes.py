"""`/notes`: a resource of its own scope, so that a program can read what agents note and nothing else."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Team
from tests.factories import ticket
from tests.robot import Robot, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(support: Team, alice: Agent) -> Ticket:
    """A ticket with a reply and a note."""
    made = ticket("Canarysubject", "canarytext", team=support)
    r = robot(alice)
    r.post(f"/tickets/{made.pk}/reply", {"body": "canaryreply"})
    r.post(f"/tickets/{made.pk}/note", {"body": "Lost twice this week."})
    return made


@pytest.fixture
def note_reader(alice: Agent) -> Robot:
    return robot(alice, access_level="custom", scopes=["notes:read"])


def test_notes_are_read_without_the_right_to_read_replies(case: Ticket, note_reader: Robot) -> None:
    listed = note_reader.get(f"/notes?ticket={case.pk}").json()["data"]
    assert [row["body_text"] for row in listed] == ["Lost twice this week."]
    assert listed[0]["kind"] == "note"
    number = listed[0]["id"]
    assert note_reader.get(f"/notes/{number}").json()["data"] == listed[0]
    assert note_reader.get(f"/tickets/{case.pk}/notes").json()["data"] == listed


def test_nothing_else_of_the_ticket_is_told(case: Ticket, note_reader: Robot) -> None:
    answer = note_reader.get("/notes?include=ticket")
    assert not answer.json()["linked"]["ticket"]
    assert b"canary" not in answer.content.lower()
    for path in (f"/tickets/{case.pk}", f"/tickets/{case.pk}/messages", "/messages"):
        assert reason(note_reader.get(path)) == "insufficient_scope"


def test_replies_are_no_notes(case: Ticket, alice: Agent) -> None:
    r = robot(alice)
    reply = r.get(f"/messages?ticket={case.pk}&kind=reply").json()["data"][0]["id"]
    assert reason(r.get(f"/notes/{reply}")) == "not_found"


def test_a_note_takes_nothing_that_only_a_reply_can_have(case: Ticket, alice: Agent) -> None:
    r, path = robot(alice), f"/tickets/{case.pk}/messages"
    only_replies = {"status": "solved", "to": [], "cc": ["carol@customer.example"], "author": "contact"}
    for name, value in only_replies.items():
        answer = r.post(path, {"kind": "note", "body": "Hush", name: value})
        assert answer.status_code == 422, answer.content
        assert list(answer.json()["error"]["fields"]) == [name]
    assert r.post(path, {"kind": "note", "body": "Hush", "author": "agent"}).status_code == 201


def test_who_reads_replies_only_reads_no_notes(case: Ticket, alice: Agent) -> None:
    r = robot(alice, access_level="custom", scopes=["messages:read", "tickets:read"])
    assert reason(r.get("/notes")) == "insufficient_scope"
    assert {row["kind"] for row in r.get(f"/tickets/{case.pk}/messages").json()["data"]} == {"reply"}


def test_bob_finds_no_note_of_a_ticket_he_does_not_see(case: Ticket, alice: Agent, bob: Agent) -> None:
    number = robot(alice).get("/notes").json()["data"][0]["id"]
    his = robot(bob)
    assert his.get("/notes").json()["data"] == []
    assert his.get(f"/notes?ticket={case.pk}").json()["meta"]["pagination"]["total"] == 0
    assert his.get(f"/notes?ids={number}").json()["data"] == []
    assert his.get(f"/notes/{number}").status_code == 404
    assert his.get(f"/tickets/{case.pk}/notes").status_code == 404


def test_notes_are_written_at_the_ticket(case: Ticket, alice: Agent) -> None:
    r = robot(alice)
    assert reason(r.post("/notes", {"body": "x"})) == "method_not_allowed"
    assert r.post(f"/tickets/{case.pk}/note", {"body": "Again."}).status_code == 201
    bodies = [row["body_text"] for row in r.get(f"/tickets/{case.pk}/notes").json()["data"]]
    assert bodies == ["Lost twice this week.", "Again."]
