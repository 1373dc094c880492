"""Putting tickets aside until a time."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import ticket
from tests.robot import Robot, reason, robot
from tickets import saved, standing
from tickets.actions import wake_all_due
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

LATER = "2099-01-01T08:00:00Z"


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


def snooze(r: Robot, case: Ticket, until: str = LATER) -> Any:
    return r.post(f"/tickets/{case.pk}/snooze", {"until": until})


def its_time_comes(*cases: Ticket) -> None:
    Ticket.objects.filter(pk__in=[case.pk for case in cases]).update(
        snoozed_until=timezone.now() - timedelta(minutes=1)
    )


def views_holding(agent: Agent, case: Ticket) -> set[str]:
    client = sign_in(agent)
    return {
        key
        for key in standing.VIEWS
        if f'id="row-{case.pk}"' in client.get(f"/views/{key}/").content.decode()
    }


def test_a_snoozed_ticket_is_in_its_own_view_only(her: Robot, alice: Agent, support: Team) -> None:
    case = ticket(team=support, assignee=alice)
    assert views_holding(alice, case) == {"mine", "teams", "open"}
    data = snooze(her, case).json()["data"]
    assert (data["snoozed_until"], data["status"]) == (LATER, "open")
    assert views_holding(alice, case) == {"snoozed"}
    page = sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert "Alice snoozed the ticket until 1 Jan 2099, 08:00" in page
    her.post(f"/tickets/{case.pk}/unsnooze", {})
    assert views_holding(alice, case) == {"mine", "teams", "open"}


def test_the_views_of_programs_hold_the_same(her: Robot, alice: Agent) -> None:
    asleep, awake = ticket(assignee=alice), ticket(assignee=alice)
    snooze(her, asleep)
    for view in her.get("/views/standing").json()["data"]:
        answer = her.get(f"/tickets?q={view['filter'] if 'filter' in view else view['query']}").json()["data"]
        expected = {"mine": [awake.pk], "open": [awake.pk], "teams": [], "snoozed": [asleep.pk]}
        if view["key"] in expected:
            assert [row["id"] for row in answer] == expected[view["key"]]


def test_the_next_to_wake_stands_first_and_counts_take_one_statement(her: Robot, alice: Agent) -> None:
    late, soon = ticket(), ticket()
    snooze(her, soon, "2098-01-01T08:00:00Z")
    snooze(her, late)
    html = sign_in(alice).get("/views/snoozed/").content.decode()
    assert [int(n) for n in re.findall(r'id="row-(\d+)"', html)] == [soon.pk, late.pk]
    from tests.factories import at_the_web

    with CaptureQueriesContext(connection) as captured:
        counts = saved.counts(at_the_web(alice)).standing
    counting = [query for query in captured if "count(*)" in query["sql"]]
    assert (counts["snoozed"], counts["open"], len(counting)) == (2, 0, 1)


def test_filters_tell_snoozed_tickets_apart(her: Robot) -> None:
    asleep, awake = ticket(), ticket()
    snooze(her, asleep)
    for query, expected in (("snoozed=true", asleep), ("snoozed=false", awake), ("q=is:snoozed", asleep)):
        assert [row["id"] for row in her.get(f"/tickets?{query}").json()["data"]] == [expected.pk], query
    assert reason(her.get("/tickets?snoozed=maybe")) == "invalid_parameter"


def test_it_comes_back_at_its_time_and_once(her: Robot, alice: Agent) -> None:
    case, other = ticket(assignee=alice), ticket()
    snooze(her, case)
    snooze(her, other)
    its_time_comes(case)
    assert (wake_all_due(), wake_all_due()) == (1, 0)
    assert views_holding(alice, case) == {"mine", "open"}
    event = Event.objects.about(case).newest_first()[0]
    assert (event.type, event.agent, event.door) == ("ticket.woken", None, "system")
    assert "The helpdesk woke the ticket" in sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_workers_wake_each_ticket_once(her: Robot) -> None:
    cases = [ticket() for _ in range(30)]
    for case in cases:
        snooze(her, case)
    its_time_comes(*cases)

    def work(_worker: int) -> int:
        try:
            return wake_all_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 30
    assert Event.objects.filter(type="ticket.woken").count() == 30
    assert not Ticket.objects.snoozed().exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_wakes_them_every_minute() -> None:
    from procrastinate.contrib.django import app

    from tickets.tasks import wake_snoozed

    assert ("tickets.wake_snoozed", "* * * * *") in {
        (task.task.name, task.cron) for task in app.periodic_registry.periodic_tasks.values()
    }
    case = ticket()
    its_time_comes(case)
    wake_snoozed(timestamp=0)
    assert Event.objects.about(case).filter(type="ticket.woken").exists()


def test_the_contact_wakes_it_by_writing(her: Robot, carol: Contact) -> None:
    case = ticket(contact=carol)
    snooze(her, case)
    her.post(f"/tickets/{case.pk}/reply", {"body": "Nothing yet.", "author": "agent"})
    assert her.get(f"/tickets/{case.pk}").json()["data"]["snoozed_until"] == LATER
    her.post(f"/tickets/{case.pk}/reply", {"body": "It is here!", "author": "contact"})
    assert her.get(f"/tickets/{case.pk}").json()["data"]["snoozed_until"] is None


def test_what_is_solved_waits_for_nothing(her: Robot) -> None:
    case = ticket()
    snooze(her, case)
    data = her.post(f"/tickets/{case.pk}/status", {"status": "solved"}).json()["data"]
    assert (data["status"], data["snoozed_until"]) == ("solved", None)
    assert snooze(her, case).json()["error"]["errors"] == [] or snooze(her, case).status_code == 422


@pytest.mark.parametrize(
    "until",
    ["2020-01-01T00:00:00Z", "tomorrow", None, 5, "9999-12-31T23:59:59-23:59", "2099-02-30T00:00:00Z"],
)
def test_only_times_to_come_are_taken(until: Any, her: Robot) -> None:
    assert snooze(her, ticket(), until).status_code == 422


def test_snoozing_twice_changes_the_time_and_the_same_time_nothing(her: Robot) -> None:
    case = ticket()
    snooze(her, case)
    version = snooze(her, case).json()["data"]["version"]
    assert snooze(her, case, "2098-01-01T00:00:00Z").json()["data"]["version"] == version + 1
    changes = Event.objects.about(case).newest_first()[0].changes["snoozed_until"]
    assert changes == ["2099-01-01T08:00:00+00:00", "2098-01-01T00:00:00+00:00"]


def test_bob_snoozes_only_what_he_sees(bob: Agent, support: Team, billing: Team) -> None:
    assert snooze(robot(bob), ticket(team=support)).status_code == 404
    assert snooze(robot(bob), ticket(team=billing)).status_code == 200
    assert reason(snooze(robot(bob, access_level="read"), ticket(team=billing))) == "insufficient_scope"
