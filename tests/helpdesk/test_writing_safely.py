"""Clients write without fear: repeated requests act once, dry runs act not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import Agent, Contact, Notification
from activity.models import Event
from tests.factories import AgentFactory, ticket
from tests.robot import reason, robot
from tests.servers import StartServer
from tickets.models import Message, Ticket

NEW = {"subject": "Lost parcel", "message": "Where is it?", "contact": "carol@customer.example"}
ONCE = {"Idempotency-Key": "order-4711"}


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_key_have_one_effect(alice: Agent, start_server: StartServer) -> None:
    r = robot(alice)
    server = start_server(processes=2)
    with ThreadPoolExecutor(20) as pool, r.over_http(server.url) as client:
        answers = list(pool.map(lambda _n: client.post("/tickets", json=NEW, headers=ONCE), range(20)))
        last = client.post("/tickets", json=NEW, headers=ONCE)
    assert Ticket.objects.count() == 1
    assert {a.status_code for a in answers} <= {201, 409}
    assert (last.status_code, last.headers["Idempotent-Replayed"]) == (201, "true")
    assert last.json()["data"]["id"] == Ticket.objects.get().pk
    assert len([a for a in answers if a.status_code == 201 and "Idempotent-Replayed" not in a.headers]) == 1


@pytest.mark.django_db
def test_a_repetition_gets_the_first_answer_and_the_log_says_so(alice: Agent) -> None:
    r = robot(alice)
    first = r.post("/tickets", NEW, **ONCE)
    second = r.post("/tickets", NEW, **{"Idempotency-Key": '"order-4711"'})
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert [row["replayed"] for row in r.get("/me/requests").json()["data"]] == [True, False]


@pytest.mark.django_db
def test_a_key_for_another_request_is_refused(alice: Agent) -> None:
    r = robot(alice)
    r.post("/tickets", NEW, **ONCE)
    answer = r.post("/tickets", NEW | {"subject": "Another"}, **ONCE)
    assert (answer.status_code, reason(answer)) == (422, "idempotency_mismatch")
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_request_may_be_mended_under_the_same_key(alice: Agent) -> None:
    r = robot(alice)
    assert r.post("/tickets", NEW | {"priority": "extreme"}, **ONCE).status_code == 422
    assert r.post("/tickets", NEW, **ONCE).status_code == 201


@pytest.mark.django_db
def test_keys_of_different_credentials_do_not_meet(alice: Agent) -> None:
    one, other = robot(alice), robot(alice, name="Other")
    one.post("/tickets", NEW, **ONCE)
    assert "Idempotent-Replayed" not in other.post("/tickets", NEW, **ONCE).headers
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_the_work_of_a_process_that_died_may_be_done_again(alice: Agent) -> None:
    r = robot(alice)
    r.post("/tickets", NEW, **ONCE)
    Ticket.objects.all().delete()
    with connection.cursor() as cursor:  # As it stands when the process is killed before it answers.
        cursor.execute("UPDATE accounts_idempotentrequest SET status = NULL, body = NULL")
    assert reason(r.post("/tickets", NEW, **ONCE)) == "idempotency_in_progress"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_idempotentrequest SET started_at = now() - interval '2 minutes'")
    assert r.post("/tickets", NEW, **ONCE).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ü", '"'])
def test_a_key_that_is_none_is_refused(key: str, alice: Agent) -> None:
    answer = robot(alice).post("/tickets", NEW, **{"Idempotency-Key": key})
    assert (answer.status_code, reason(answer)) == (400, "invalid_idempotency_key")


@pytest.mark.django_db
def test_an_upload_may_be_repeated_too(alice: Agent) -> None:
    headers = robot(alice).bearer | ONCE

    def upload(content: bytes) -> int:
        file = SimpleUploadedFile("note.txt", content, "text/plain")
        answer = Client().post("/api/v1/attachments", {"file": file}, headers=headers)
        return int(answer.json()["data"]["id"]) if answer.status_code == 201 else answer.status_code

    assert upload(b"hello") == upload(b"hello")
    assert upload(b"other") == 422


@pytest.mark.django_db
def test_a_dry_run_tells_what_would_be_and_changes_nothing(alice: Agent, carol: Contact) -> None:
    r, case = robot(alice), ticket(contact=carol)
    events = Event.objects.count()
    dry = {"Prefer": "dry-run"}
    reply = r.post(f"/tickets/{case.pk}/reply", {"body": "Done.", "status": "solved"}, **dry)
    assert (reply.status_code, reply.headers["Preference-Applied"]) == (200, "dry-run")
    assert reply.json()["data"]["body_text"] == "Done."
    told = [(e["type"], e["changes"]) for e in reply.json()["meta"]["events"]]
    assert [kind for kind, _changes in told] == ["ticket.replied", "ticket.solved"]
    assert told[1][1]["status"][1]["name"] == "Solved"
    assert r.post("/tickets", NEW, **dry).json()["meta"]["dry_run"] is True
    assert r.patch(f"/tickets/{case.pk}", {"priority": "high"}, **dry).json()["data"]["priority"] == "high"
    assert reason(r.patch(f"/tickets/{case.pk}", {"priority": "extreme"}, **dry)) == "invalid"
    bob = AgentFactory(name="Bob")
    given = r.post(f"/tickets/{case.pk}/assign", {"assignee": bob.pk}, **dry).json()["meta"]
    assert given["notified"] == [{"agent": bob.pk, "kind": "assigned", "shown": True, "mailed": False}]
    assert not Notification.objects.exists()
    case.refresh_from_db()
    assert (case.category, case.priority) == ("open", 2)
    assert (Event.objects.count(), Message.objects.count(), Ticket.objects.count()) == (events, 1, 1)


@pytest.mark.django_db
def test_a_change_may_be_answered_without_the_object(alice: Agent) -> None:
    case = ticket()
    answer = robot(alice).patch(f"/tickets/{case.pk}", {"priority": "high"}, Prefer="return=minimal")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    case.refresh_from_db()
    assert case.priority == 3
