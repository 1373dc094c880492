"""Two programs change one ticket: what does not clash is merged, what does is shown."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import Agent
from tests.factories import ticket
from tests.robot import reason, robot
from tests.servers import StartServer
from tickets.models import Ticket

NEW = {"subject": "Lost parcel", "message": "Where is it?", "contact": "carol@customer.example"}


@pytest.mark.django_db
def test_changes_of_different_fields_against_one_version_both_land(alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    etag = r.get(f"/tickets/{case.pk}").headers["ETag"]
    assert r.patch(f"/tickets/{case.pk}", {"priority": "high"}, **{"If-Match": etag}).status_code == 200
    answer = r.patch(f"/tickets/{case.pk}", {"subject": "Better", "version": 1})
    assert answer.status_code == 200
    assert (answer.json()["data"]["priority"], answer.json()["data"]["subject"]) == ("high", "Better")


@pytest.mark.django_db
def test_a_change_of_the_same_field_is_refused_with_both_values(alice: Agent, bob: Agent) -> None:
    case, r = ticket(), robot(alice)
    changes = {
        "priority": "high",
        "assignee": alice.pk,
        "tags": ["one"],
        "status": "pending",
        "subject": "First",
    }
    assert r.patch(f"/tickets/{case.pk}", changes).status_code == 200
    late = {
        "priority": "low",
        "assignee": bob.pk,
        "tags": ["two"],
        "status": "solved",
        "subject": "Second",
        "version": 1,
    }
    answer = r.patch(f"/tickets/{case.pk}", late)
    assert (answer.status_code, reason(answer)) == (409, "stale_version")
    assert answer.json()["error"]["conflicts"] == {
        "priority": {"yours": "low", "now": "high"},
        "assignee": {"yours": bob.pk, "now": alice.pk},
        "tags": {"yours": ["two"], "now": ["one"]},
        "status": {"yours": "Solved", "now": "Pending"},
        "subject": {"yours": "Second", "now": "First"},
    }
    again = late | {"version": answer.json()["error"]["version"]}
    assert r.patch(f"/tickets/{case.pk}", again).json()["data"]["subject"] == "Second"


@pytest.mark.django_db
def test_the_same_change_twice_is_no_clash(alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    for _ in range(2):
        assert r.patch(f"/tickets/{case.pk}", {"priority": "high", "version": 1}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("precondition", "status", "why"),
    [
        ("*", 200, ""),
        ('"1"', 200, ""),
        ('W/"1-abc"', 200, ""),
        ("99", 422, "invalid"),
        ("x", 400, "invalid_precondition"),
    ],
)
def test_the_precondition_is_read_strictly(precondition: str, status: int, why: str, alice: Agent) -> None:
    case = ticket()
    answer = robot(alice).patch(f"/tickets/{case.pk}", {"priority": "high"}, **{"If-Match": precondition})
    assert answer.status_code == status
    assert not why or reason(answer) == why


@pytest.mark.django_db
def test_a_precondition_is_never_ignored(alice: Agent) -> None:
    answer = robot(alice).post("/tickets", NEW, **{"If-Match": '"1"'})
    assert (answer.status_code, reason(answer)) == (400, "invalid_precondition")


@pytest.mark.django_db
def test_what_the_contact_said_is_the_contacts_and_reopens(alice: Agent) -> None:
    r = robot(alice)
    number = r.post("/tickets", NEW).json()["data"]["id"]
    r.post(f"/tickets/{number}/reply", {"body": "Here.", "status": "closed"})
    answer = r.post(f"/tickets/{number}/reply", {"body": "It is broken.", "author": "contact"})
    assert answer.status_code == 201
    assert (answer.json()["data"]["author"]["type"], answer.json()["data"]["direction"]) == ("contact", "in")
    assert r.get(f"/tickets/{number}").json()["data"]["status"] == "open"
    both = {"body": "x", "author": "contact", "status": "solved"}
    assert r.post(f"/tickets/{number}/reply", both).status_code == 422


@pytest.mark.django_db
def test_put_by_external_id_opens_once_and_changes_afterwards(alice: Agent) -> None:
    r = robot(alice)
    first = r.put("/tickets/external/shop/4711", NEW | {"priority": "high"})
    assert (first.status_code, first.json()["data"]["external_id"]) == (201, "shop/4711")
    second = r.put("/tickets/external/shop/4711", NEW | {"priority": "low", "subject": "Found"})
    assert second.status_code == 200
    assert (second.json()["data"]["priority"], second.json()["data"]["subject"]) == ("low", "Found")
    assert second.json()["data"]["id"] == first.json()["data"]["id"]
    assert len(r.get(f"/tickets/{first.json()['data']['id']}/messages").json()["data"]) == 1


@pytest.mark.django_db
def test_an_external_id_out_of_reach_stays_taken_and_unnamed(alice: Agent, bob: Agent) -> None:
    robot(alice).put("/tickets/external/4711", NEW)
    answer = robot(bob).put("/tickets/external/4711", NEW)
    assert (answer.status_code, reason(answer)) == (409, "duplicate")
    assert answer.json()["error"]["existing"] is None


@pytest.mark.django_db(transaction=True)
def test_many_puts_at_once_open_one_ticket(alice: Agent, start_server: StartServer) -> None:
    server = start_server(processes=2)
    with ThreadPoolExecutor(10) as pool, robot(alice).over_http(server.url) as client:
        answers = list(
            pool.map(lambda _n: client.put("/tickets/external/4711", json=NEW).status_code, range(20))
        )
    assert sorted(set(answers)) in ([200, 201], [201])
    assert answers.count(201) == 1
    assert Ticket.objects.count() == 1
