"""What the helpdesk promises: which policy applies, when it is due, who hears of it, and where it is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Contact, Notification, Team
from activity.actor import system_actor
from activity.models import Event
from automations.actions import clocks
from automations.actions.clocks import ring_due_clocks
from automations.actions.sla import keep_policy
from automations.clockwork import ring
from automations.models import Counting, SlaPolicy
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, ticket
from tests.robot import Robot, robot
from tests.tasks import do_queued
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Category, Priority, Status, Ticket
from tickets.models.ticket import NEVER

HOUR = timedelta(hours=1)


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


def promise(name: str = "Standard", *, of_today: bool = False, **fields: Any) -> SlaPolicy:
    """An hour for a reply and four for a solution, day and night; for a month, or from now on."""
    usual = {"first_response_normal": 60, "resolution_normal": 240, "counting": Counting.CALENDAR}
    made = keep_policy(SlaPolicy(name=name, **usual | fields), actor=system_actor())
    if not of_today:
        SlaPolicy.objects.update(changed_at=timezone.now() - timedelta(days=30))
    return made


def opened(ago: timedelta = timedelta(0), **fields: Any) -> Ticket:
    """A ticket that came some time ago, with its clocks set."""
    case = ticket(**fields)
    Ticket.objects.filter(pk=case.pk).update(created_at=timezone.now() - ago)
    do_queued(twice=True)
    case.refresh_from_db()
    return case


def sla(her: Robot, case: Ticket) -> Any:
    do_queued(twice=True)
    return her.get(f"/tickets/{case.pk}").json()["data"]["sla"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(case: Ticket) -> list[tuple[str, str]]:
    events = Event.objects.about(case).filter(type__startswith="ticket.sla").order_by("id")
    return [(event.type.removeprefix("ticket.sla_"), event.facts["target"]) for event in events]


def set_status(her: Robot, case: Ticket, status: str) -> None:
    assert her.post(f"/tickets/{case.pk}/status", {"status": status}).status_code == 200


@pytest.mark.django_db
def test_a_ticket_has_the_clocks_of_the_first_policy_that_holds(her: Robot, support: Team) -> None:
    assert sla(her, ticket()) == {}
    vip = TagFactory(name="vip")
    promise(
        "VIP", condition="tag:vip -team:none", position=1, first_response_normal=10, resolution_normal=None
    )
    promise(position=2, first_response_urgent=5)
    promise("Out of use", position=0, is_active=False)
    case = opened()
    found = sla(her, case)
    assert found["policy"]["name"] == "Standard"
    assert found["paused"] is False
    assert at(found["first_response"]["due_at"]) == case.created_at + HOUR
    assert at(found["resolution"]["due_at"]) == case.created_at + 4 * HOUR
    assert found["resolution"] == found["resolution"] | {"done_at": None, "state": "running"}
    version = her.get(f"/tickets/{case.pk}").json()["data"]["version"]

    her.patch(f"/tickets/{case.pk}", {"tags": ["vip"]})
    assert sla(her, case)["policy"]["name"] == "Standard"
    her.patch(f"/tickets/{case.pk}", {"team": "Support"})
    found = sla(her, case)
    assert (found["policy"]["name"], found["resolution"]) == ("VIP", None)
    assert at(found["first_response"]["due_at"]) == case.created_at + HOUR / 6
    her.patch(f"/tickets/{case.pk}", {"tags": [], "priority": "urgent"})
    found = sla(her, case)
    assert at(found["first_response"]["due_at"]) == case.created_at + HOUR / 12
    # The clocks themselves make no version and no history.
    assert her.get(f"/tickets/{case.pk}").json()["data"]["version"] == version + 4
    assert told(case) == []
    vip.delete()  # A policy that means nothing any more applies to nothing.
    assert sla(her, opened())["policy"]["name"] == "Standard"


@pytest.mark.django_db
def test_clocks_stand_still_while_the_contact_is_waited_for_and_stop_when_it_is_done(
    her: Robot, carol: Contact
) -> None:
    promise()
    case = opened(contact=carol)
    set_status(her, case, "pending")
    # At once, before the worker has come to it.
    shown = her.get(f"/tickets/{case.pk}").json()["data"]["sla"]
    assert (shown["paused"], shown["resolution"]["state"], shown["resolution"]["due_at"]) == (
        True,
        "paused",
        None,
    )
    found = sla(her, case)
    assert (found["paused"], found["first_response"]["state"]) == (True, "paused")
    case.refresh_from_db()
    assert (case.sla_due_at, case.sla_check_at) == (NEVER, None)
    waited = timedelta(minutes=90)
    Event.objects.about(case).filter(type="ticket.status_changed").update(at=case.created_at + HOUR / 2)
    Ticket.objects.filter(pk=case.pk).update(created_at=case.created_at - waited)
    Event.objects.about(case).filter(type="ticket.status_changed").update(at=case.created_at - HOUR)
    case.refresh_from_db()

    her.post(f"/tickets/{case.pk}/reply", {"body": "Here it is.", "author": "contact"})
    reopened = Event.objects.about(case).filter(type="ticket.status_changed").latest("id").at
    found = sla(her, case)
    # Half an hour of it was used up before.
    assert abs(at(found["first_response"]["due_at"]) - (reopened + HOUR / 2)) < timedelta(seconds=1)
    assert abs(at(found["resolution"]["due_at"]) - (reopened + 3.5 * HOUR)) < timedelta(seconds=1)

    her.post(f"/tickets/{case.pk}/reply", {"body": "Thank you.", "author": "agent", "status": "solved"})
    found = sla(her, case)
    assert [found[target]["state"] for target in ("first_response", "resolution")] == ["met", "met"]
    assert found["resolution"]["done_at"] == her.get(f"/tickets/{case.pk}").json()["data"]["solved_at"]
    set_status(her, case, "open")
    found = sla(her, case)
    assert (found["first_response"]["state"], found["resolution"]["state"]) == ("met", "running")
    assert told(case) == []


@pytest.mark.django_db
def test_what_runs_out_is_told_once_to_the_assignee_or_else_to_the_team(
    her: Robot, alice: Agent, support: Team
) -> None:
    eve = AgentFactory(name="Eve", teams=[support])
    promise(first_response_high=100)
    nobodys = opened(HOUR / 1.5, team=support)
    hers = opened(2 * HOUR, team=support, assignee=eve)
    assert (told(nobodys), told(hers)) == ([], [])
    ring(timestamp=0)
    ring(timestamp=0)
    do_queued(twice=True)
    # After a time in which nobody looked, what is overdue is not told to be due soon.
    assert told(nobodys) == [("near_breach", "first_response")]
    assert told(hers) == [("breached", "first_response")]
    heard = {(one.agent, one.kind) for one in Notification.objects.filter(kind__startswith="sla")}
    assert heard == {(alice, "sla_near_breach"), (eve, "sla_near_breach"), (eve, "sla_breached")}
    page = sign_in(eve).get("/notifications/").content.decode()
    assert "The first reply is overdue" in page
    assert "1 h overdue" in page
    timeline = sign_in(eve).get(f"/tickets/{hers.pk}/").content.decode()
    assert "The first reply is overdue" in timeline

    # With more time it is told of again when that, too, is over; with less it is told of at once.
    her.patch(f"/tickets/{hers.pk}", {"priority": "high"})
    do_queued()
    Ticket.objects.filter(pk=hers.pk).update(created_at=timezone.now() - HOUR)
    her.patch(f"/tickets/{hers.pk}", {"tags": ["slow"]})
    do_queued()
    assert ring_due_clocks() == 0
    her.patch(f"/tickets/{hers.pk}", {"priority": "normal"})
    do_queued()
    ring(timestamp=0)
    assert told(hers) == [("breached", "first_response")] * 2
    her.post(f"/tickets/{hers.pk}/reply", {"body": "Sorry.", "author": "agent"})
    assert sla(her, hers)["first_response"]["state"] == "missed"


@pytest.mark.django_db
def test_a_late_reply_is_a_breach_also_when_nobody_looked_before_it_came(her: Robot) -> None:
    promise(resolution_normal=None)
    case = ticket()
    Ticket.objects.filter(pk=case.pk).update(created_at=timezone.now() - 3 * HOUR)
    her.post(f"/tickets/{case.pk}/reply", {"body": "At last.", "author": "agent"})
    do_queued()
    ring(timestamp=0)
    ring(timestamp=0)
    assert told(case) == [("breached", "first_response")]


@pytest.mark.django_db(transaction=True)
def test_many_workers_tell_of_each_breach_once(support: Team) -> None:
    promise()
    for _n in range(6):
        ticket()
    Ticket.objects.update(created_at=timezone.now() - 9 * HOUR)
    do_queued()

    def work(_n: int) -> int:
        try:
            return ring_due_clocks()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    ring_due_clocks()
    assert Event.objects.filter(type="ticket.sla_breached").count() == 12


@pytest.mark.django_db
def test_what_is_moved_here_quietly_has_clocks_and_nobody_hears_of_the_past(root: Agent, her: Robot) -> None:
    promise()
    mover = robot(root, scopes=["tickets:import"])
    body = {
        "external_id": "old-1", "subject": "Old", "contact": {"email": "dora@customer.example", "name": "Dora"},
        "created_at": "2024-03-01T09:00:00Z",
        "messages": [{"body": "Hm.", "created_at": "2024-03-01T09:00:00Z"}],
    }  # fmt: skip
    answer = mover.post("/tickets/import", body)
    assert answer.status_code == 201, answer.content
    case = Ticket.objects.get(external_id="old-1")
    assert sla(her, case)["first_response"] == {
        "due_at": "2024-03-01T10:00:00Z", "done_at": None, "state": "breached",
    }  # fmt: skip
    assert ring_due_clocks() == 0
    assert told(case) == []
    assert not Notification.objects.filter(kind__startswith="sla").exists()


@pytest.mark.django_db
def test_changed_policies_and_hours_set_the_clocks_of_open_tickets_in_batches_and_silently(
    root: Agent, her: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "AT_ONCE", 2)
    cases = [opened(5 * HOUR) for _n in range(5)]
    set_status(her, cases[4], "solved")
    do_queued()
    kept = promise(resolution_normal=None, of_today=True)
    do_queued(twice=True)
    assert ring_due_clocks() == 0
    states = [sla(her, case).get("first_response", {}).get("state") for case in cases]
    assert states == ["breached"] * 4 + [None]
    # Nor does it tell of what was done before it was made.
    her.patch(f"/tickets/{cases[4].pk}", {"tags": ["old"]})
    assert sla(her, cases[4])["first_response"]["state"] == "missed"
    assert ring_due_clocks() == 0
    form = {"name": "Standard", "position": 0, "counting": "calendar", "warn_before": "1h", "is_active": "on"}
    client = sign_in(root)
    url = f"/admin/automations/slapolicy/{kept.pk}"
    assert client.post(f"{url}/change/", form | {"first_response_normal": "10h 30m"}).status_code == 302
    assert at(sla(her, cases[0])["first_response"]["due_at"]) == cases[0].created_at + 10.5 * HOUR
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 302
    assert sla(her, cases[0]) == {}
    assert [told(case) for case in cases] == [[]] * 5


@pytest.mark.django_db
def test_lists_are_sorted_by_what_is_due_and_filtered_by_how_it_stands(
    her: Robot, alice: Agent, bob: Agent, billing: Team, support: Team
) -> None:
    no_clock = opened()
    promise(first_response_normal=None, resolution_urgent=60, resolution_low=6000)
    later, late, soon = (
        opened(5 * HOUR if priority == Priority.NORMAL else timedelta(0), team=team, priority=priority)
        for priority, team in (
            (Priority.LOW, support),
            (Priority.NORMAL, billing),
            (Priority.URGENT, billing),
        )
    )
    waits = opened()
    set_status(her, waits, "pending")
    do_queued()
    Ticket.objects.filter(pk=no_clock.pk).update(sla={}, sla_due_at=NEVER)

    def ids(query: str) -> list[int]:
        return [row["id"] for row in her.get(f"/tickets?{query}").json()["data"]]

    assert ids("sort=sla_due") == [late.pk, soon.pk, later.pk, *sorted([no_clock.pk, waits.pk])]
    first = her.get("/tickets?sort=sla_due&cursor=&per_page=3").json()
    rest = her.get(f"/tickets?sort=sla_due&per_page=3&cursor={first['meta']['cursor']['next']}").json()
    assert [row["id"] for row in first["data"] + rest["data"]] == ids("sort=sla_due")
    found = {
        query: set(ids(f"q={query}"))
        for query in ("sla:breached", "sla:due<2h", "sla:running", "sla:paused", "sla:none", "-sla:none")
    }
    assert found == {
        "sla:breached": {late.pk},
        "sla:due<2h": {late.pk, soon.pk},
        "sla:running": {late.pk, soon.pk, later.pk},
        "sla:paused": {waits.pk},
        "sla:none": {no_clock.pk},
        "-sla:none": {late.pk, soon.pk, later.pk, waits.pk},
    }
    ring_due_clocks()
    set_status(her, late, "solved")
    assert sla(her, late)["resolution"]["state"] == "missed"
    assert ids("q=sla:missed") == [late.pk]
    assert "Write sla:due<2h" in her.get("/tickets?q=sla:soon").json()["error"]["message"]

    set_status(her, late, "open")
    do_queued()
    for agent, expected in ((alice, [late, soon]), (bob, [late, soon])):
        page = sign_in(agent).get("/views/due/").content.decode()
        assert [page.index(f'id="row-{case.pk}"') for case in expected] == sorted(
            page.index(f'id="row-{case.pk}"') for case in expected
        )
        assert f'id="row-{later.pk}"' not in page
        assert "1 h overdue" in page
        assert "59 min left" in page


@pytest.mark.django_db
def test_clocks_cost_no_query_however_many_there_are(alice: Agent, her: Robot) -> None:
    promise()

    def queries(ask: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ask().status_code == 200
        return len(captured)

    client = sign_in(alice)
    pages = (lambda: client.get("/views/open/"), lambda: her.get("/tickets?sort=sla_due&cursor="))
    opened(assignee=alice)
    few = [queries(page) for page in pages]
    for _n in range(5):
        ticket(assignee=alice)
    do_queued()
    assert [queries(page) for page in pages] == few
    assert few[0] <= 12


@pytest.mark.django_db
def test_merged_split_snoozed_and_deleted_tickets(her: Robot, carol: Contact, alice: Agent) -> None:
    promise()
    case, other = opened(2 * HOUR, contact=carol), opened(contact=carol)
    her.post(f"/tickets/{case.pk}/merge", {"into": other.pk})
    assert sla(her, case) == {}
    assert ring_due_clocks() == 0
    her.post(f"/tickets/{case.pk}/unmerge")
    assert sla(her, case)["first_response"]["state"] == "breached"

    until = (timezone.now() + 9 * HOUR).isoformat()
    assert her.post(f"/tickets/{other.pk}/snooze", {"until": until}).status_code == 200
    assert sla(her, other)["resolution"]["state"] == "running"

    message = actions.receive(other, body=Body.from_markdown("And this?"), actor=system_actor())
    made = her.post(f"/tickets/{other.pk}/split", {"message": message.pk}).json()["data"]
    split = Ticket.objects.get(pk=made["id"])
    assert at(sla(her, split)["resolution"]["due_at"]) == split.created_at + 4 * HOUR

    assert her.delete(f"/tickets/{case.pk}").status_code in {204, 403}
    actions.delete(case, actor=system_actor())
    do_queued(twice=True)
    ring_due_clocks()
    assert told(case) == []


@pytest.mark.django_db
def test_the_home_of_the_admin_tells_of_promises(root: Agent) -> None:
    assert "Due within four hours" not in sign_in(root).get("/admin/").content.decode()
    promise()
    opened(2 * HOUR)
    opened()
    page = sign_in(root).get("/admin/").content.decode()
    assert page.count('<a href="/views/due/">') == 2


def test_a_page_that_changed_tickets_shows_their_clocks_as_they_are(alice: Agent) -> None:
    promise()
    case, client = opened(assignee=alice), sign_in(alice)
    pending, htmx = Status.objects.of(Category.PENDING), {"HX-Request": "true"}
    form = {"change": "status", "ticket": [case.pk], "value": pending.pk}
    page = client.post("/bulk/?view=mine", form, headers=htmx).content.decode()
    assert 'data-state="paused"' in page
    do_queued()  # While it stands still, nobody knows when it is due.
    job = re.search(r'name="job" value="([^"]+)"', page)
    assert job
    page = client.post("/bulk/on/?view=mine", {"job": job[1], "undo": "1"}, headers=htmx).content.decode()
    assert re.search(r'<time class="clock" data-state="running"[^>]*>59 min left</time>', page)
    form = {"value": Priority.HIGH}
    SlaPolicy.objects.update(first_response_high=600)
    page = client.post(f"/tickets/{case.pk}/change/priority/?view=mine", form, headers=htmx).content.decode()
    assert "9 h 59 min left" in page
