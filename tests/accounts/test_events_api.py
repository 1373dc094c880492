"""`/events`: programs follow what happens, and learn no more than they may."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from activity import feed
from activity.actor import system_actor
from activity.models import Event
from activity.recording import record
from tests.factories import AgentFactory, ContactFactory, TeamFactory, at_the_web, role, ticket
from tests.robot import Robot, reason, robot
from tickets import actions

pytestmark = pytest.mark.django_db


def types(r: Robot, query: str = "") -> list[str]:
    answer = r.get(f"/events?per_page=100&{query}")
    assert answer.status_code == 200, answer.content
    return [event["type"] for event in answer.json()["data"]]


def test_an_event_tells_who_did_what_with_which_key(alice: Agent, bob: Agent, carol: Contact) -> None:
    case, r = ticket(contact=carol), robot(alice)
    r.post(f"/tickets/{case.pk}/assign", {"assignee": bob.email})
    told = r.get(f"/events?types=ticket.assigned&subject_type=ticket&subject_id={case.pk}").json()["data"]
    row = Event.objects.get(type="ticket.assigned")
    assert told == [
        {
            "id": row.pk,
            "type": "ticket.assigned",
            "at": told[0]["at"],
            "subject": {"type": "ticket", "id": case.pk, "label": row.subject_label},
            "door": "api",
            "agent": alice.pk,
            "contact": None,
            "key": {"id": r.key.pk, "name": "Robot"},
            "changes": {"assignee": [None, {"id": bob.pk, "name": "Bob"}]},
            "facts": {"version": row.facts["version"]},
            "cause": None,
        }
    ]
    assert (
        r.get(f"/events/{row.pk}?include=agent").json()["linked"]["agent"][str(alice.pk)]["name"] == "Alice"
    )
    assert r.get(f"/events/{row.pk}").json()["data"] == told[0]


def walked(r: Robot, cursor: str = "", per_page: int = 3) -> Iterator[int | str]:
    """The ids of all events from the cursor on, and at last the cursor to read on from."""
    more = True
    while more:
        answer = r.get(f"/events?cursor={cursor}&per_page={per_page}").json()
        yield from (event["id"] for event in answer["data"])
        assert (answer["links"]["next"] is not None) == answer["meta"]["cursor"]["has_more"]
        cursor, more = answer["meta"]["cursor"]["next"], answer["meta"]["cursor"]["has_more"]
    yield cursor


def test_reading_on_gives_every_event_once_in_order(root: Agent) -> None:
    r = robot(root, admin_functions=True)
    for _ in range(4):
        ticket()
    *first, cursor = walked(r)
    assert first == [*Event.objects.order_by("pk").values_list("pk", flat=True)]
    assert [*walked(r, str(cursor))] == [cursor], "Nothing new, and the place is kept."
    ticket()
    *then, _ = walked(r, str(cursor))
    assert [*first, *then] == [*Event.objects.order_by("pk").values_list("pk", flat=True)]
    assert [*walked(r, str(then[0]))][:-1] == then[1:], "The id of an event is a cursor."


def test_only_things_within_reach_are_told_of(bob: Agent, billing: Team, support: Team, root: Agent) -> None:
    seen, unseen = ticket(team=billing), ticket("Canarysubject", team=support)
    r = robot(bob)
    answer = r.get("/events?types=ticket.*")
    assert {event["subject"]["id"] for event in answer.json()["data"]} == {seen.pk}
    hidden = Event.objects.about(unseen).get(type="ticket.opened")
    assert r.get(f"/events/{hidden.pk}").status_code == 404
    assert "Canarysubject" not in r.get("/events").content.decode()
    assert robot(root).get(f"/events/{hidden.pk}").status_code == 200


def test_notes_exist_only_for_those_who_may_read_notes(alice: Agent) -> None:
    case = ticket()
    robot(alice).post(f"/tickets/{case.pk}/note", {"body": "psst"})
    without = robot(alice, access_level="custom", scopes=["events:read", "tickets:read", "messages:read"])
    assert types(without, "types=ticket.*") == ["ticket.opened"]
    assert types(robot(alice), "types=ticket.*") == ["ticket.opened", "ticket.noted"]


def test_no_scope_for_the_thing_no_events_about_it(alice: Agent, root: Agent) -> None:
    ticket()
    narrow = robot(alice, access_level="custom", scopes=["events:read", "tickets:write", "contacts:read"])
    assert types(narrow, "subject_type=ticket") == []
    admin = robot(root, access_level="custom", scopes=["events:read"], admin_functions=True)
    assert "ticket.opened" in types(admin)
    assert robot(alice, access_level="custom", scopes=["tickets:read"]).get("/events").status_code == 403


def test_names_of_other_rows_need_the_right_to_read_these(alice: Agent, bob: Agent) -> None:
    case = ticket()
    robot(alice).post(f"/tickets/{case.pk}/assign", {"assignee": bob.email})
    narrow = robot(alice, access_level="custom", scopes=["events:read", "tickets:read"])
    (event,) = narrow.get("/events?types=ticket.assigned").json()["data"]
    assert event["changes"] == {"assignee": [None, {"id": bob.pk}]}


def test_a_ticket_out_of_reach_is_not_named_by_its_neighbour(bob: Agent, root: Agent, billing: Team) -> None:
    seen, unseen = ticket(team=billing), ticket(team=TeamFactory(name="Legal"))
    with transaction.atomic():
        event = record(at_the_web(root), "ticket.merged", seen, into=unseen.pk, contacts_differ=False)
    told = {r: robot(r).get(f"/events/{event.pk}").json()["data"]["facts"] for r in (bob, root)}
    assert "into" not in told[bob]
    assert told[bob]["contacts_differ"] is False
    assert told[root]["into"] == unseen.pk


def test_where_somebody_signed_in_from_is_the_administrators_business(alice: Agent, root: Agent) -> None:
    with transaction.atomic():
        event = record(at_the_web(root), "agent.signed_in", root, address="203.0.113.7")
    assert robot(alice).get(f"/events/{event.pk}").json()["data"]["facts"] == {}
    admin = robot(root, admin_functions=True).get(f"/events/{event.pk}").json()["data"]
    assert admin["facts"] == {"address": "203.0.113.7"}


def test_filters_find_what_they_say(root: Agent) -> None:
    case, r = ticket(), robot(root)
    r.post(f"/tickets/{case.pk}/status", {"status": "solved"})
    assert types(r, "types=ticket.opened,ticket.solved") == ["ticket.opened", "ticket.solved"]
    assert types(r, "since=2020-01-01T00:00:00Z&types=ticket.solved") == ["ticket.solved"]
    assert types(r, "since=2099-01-01T00:00:00Z") == []
    for query in (
        "types=solved",
        "types=",
        "types=ticket.%25",
        "subject_type=teapot",
        "subject_id=1",
        "since=yesterday",
        "page=2",
        "sort=-id",
    ):
        assert r.get(f"/events?{query}").status_code == 400, query
    assert reason(r.get("/events?cursor=abc")) == "invalid_cursor"


def test_the_number_of_queries_does_not_grow_with_events(alice: Agent) -> None:
    r = robot(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert r.get("/events?per_page=100&include=agent,contact").status_code == 200
        return len(captured)

    ticket()
    with_one = queries()
    for n in range(10):
        case = ticket(contact=ContactFactory(), actor=at_the_web(alice))
        actions.assign(case, to=AgentFactory(name=f"Agent {n}", role=role("Agent")), actor=at_the_web(alice))
    assert queries() <= with_one + 1, "One more for the agents, of whom there were none at first."


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_late_is_not_missed(root: Agent) -> None:
    r, written, commit = robot(root), Signal(), Signal()
    *_, cursor = walked(r)

    def slowly() -> int:
        with transaction.atomic():
            event = record(system_actor(), "contact.created", ContactFactory())
            written.set()
            assert commit.wait(20)
        connection.close()
        return int(event.pk)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(slowly)
        assert written.wait(20)
        with transaction.atomic():
            quick = record(system_actor(), "contact.created", ContactFactory()).pk
        *meanwhile, cursor = walked(r, str(cursor))
        commit.set()
        late = slow.result()
    assert late < quick, "The later id was committed first."
    assert meanwhile == []
    *after, _ = walked(r, str(cursor))
    assert [event for event in after if event in {late, quick}] == [late, quick]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_wrote_no_event_holds_nobody_up(root: Agent) -> None:
    reading, done = Signal(), Signal()

    def idly() -> None:
        with transaction.atomic():
            Agent.objects.select_for_update().get(pk=root.pk)
            reading.set()
            assert done.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        idle = pool.submit(idly)
        assert reading.wait(20)
        with transaction.atomic():
            event = record(system_actor(), "contact.created", ContactFactory())
        assert feed.settled() == event.pk
        done.set()
        idle.result()
