"""The admin's home says how things are, and the audit log what happened; each of what exists for who looks."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Team
from activity.models import Event
from apitokens.models import ApiKey
from tests.cast import sign_in
from tests.clock import wait_for_room_in_the_day
from tests.factories import AgentFactory, role, ticket
from tests.robot import robot
from tickets.models import Category, Status, Ticket

pytestmark = pytest.mark.django_db

EVENTS = "/admin/activity/event/"


def told(agent: Agent, path: str = "/admin/") -> str:
    answer = sign_in(agent).get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", answer.content.decode())))


def lines(agent: Agent) -> dict[str, str]:
    """What the cards say: name → figure."""
    page = sign_in(agent).get("/admin/").content.decode()
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    return {re.sub(r"<[^<>]*>", "", name): html.unescape(says) for name, says in found}


def test_the_home_tells_how_tickets_and_keys_do(root: Agent, alice: Agent, support: Team) -> None:
    assert "None: all keys are well." in told(root)
    assert "No program asked for anything." in told(root)
    wait_for_room_in_the_day(30)
    rows = [ticket(team=support) for _n in range(3)]
    busy = robot(alice, name="CRM sync", expires_at=timezone.now() + timedelta(days=60))
    for row in rows[:2]:
        busy.post(f"/tickets/{row.pk}/status", {"status": "solved"})
    Ticket.objects.filter(pk=rows[0].pk).update(created_at=timezone.now() - timedelta(days=8))
    leaky = robot(alice, name="<b>Shop</b>")
    robot(alice, name="Old", expires_at=timezone.now() + timedelta(days=2))
    busy.post(f"/tickets/{rows[2].pk}/note", {"body": leaky.secret})
    shown = lines(root)
    assert (shown["Not solved yet"], shown["Opened in 7 days"], shown["Solved in 7 days"]) == ("1", "2", "2")
    assert (shown["Opened today"], shown["First reply in 7 days"]) == ("2", "none")
    assert shown["CRM sync"] == "3 requests"
    assert shown["&lt;b&gt;Shop&lt;/b&gt;"] == "suspended"
    assert shown["Old"].startswith("It expires in ")


def test_the_home_tells_how_long_contacts_wait_and_what_failed(root: Agent) -> None:
    assert "No job has failed." in told(root)
    now = timezone.now()
    for hours in (1, 3, 30):
        row = ticket()
        Ticket.objects.filter(pk=row.pk).update(created_at=now - timedelta(hours=hours), first_replied_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, priority, task_name, status) "
            "SELECT 'default', 0, 'accounts.mail_notification', 'failed'::procrastinate_job_status "
            "FROM generate_series(1, 2)"
        )
    shown = lines(root)
    assert shown["First reply in 7 days"] == "usually after 3\xa0hours"
    assert shown["accounts.mail_notification"] == "2 jobs failed"


def test_the_home_tells_nobody_of_what_is_not_his(
    root: Agent, bob: Agent, support: Team, billing: Team
) -> None:
    rights = ["tickets:read", "keys:read"]
    dora = AgentFactory(
        name="Dora", teams=[billing], role=role("Desk", permissions=rights, reach="teams", enters_admin=True)
    )
    clerk = AgentFactory(name="Clerk", role=role("Clerk", permissions=["tags:read"], enters_admin=True))
    ticket(team=support)
    ticket(team=billing)
    robot(bob, name="Foreign", owner=root, expires_at=timezone.now() + timedelta(days=2)).get("/me")
    assert lines(dora)["Not solved yet"] == "1"
    assert "Foreign" not in told(dora)
    assert lines(clerk) == {}


def test_the_home_asks_no_more_of_many_keys_than_of_few(root: Agent, alice: Agent) -> None:
    client = sign_in(root)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/admin/")
        return len(asked)

    robot(alice).get("/me")
    few = queries()
    for _n in range(6):
        robot(alice, expires_at=timezone.now() + timedelta(days=2)).get("/me")
    assert queries() == few
    assert "and 1 more" in told(root)


def test_the_audit_log_is_filtered_by_key_and_day(root: Agent, alice: Agent) -> None:
    today, row = timezone.now().date(), ticket()
    one, other = robot(alice, name="One"), robot(alice, name="Other")
    one.post(f"/tickets/{row.pk}/priority", {"priority": "high"})
    other.post(f"/tickets/{row.pk}/assign", {"assignee": alice.pk})
    assert (
        f'href="{EVENTS}?key={one.key.pk}"'
        in sign_in(root).get(f"/admin/apitokens/apikey/{one.key.pk}/changes/").content.decode()
    )
    page = told(root, f"{EVENTS}?key={one.key.pk}")
    assert "ticket.priority_changed" in page
    assert "ticket.assigned" not in page
    Event.objects.filter(type="ticket.assigned").update(at=timezone.now() - timedelta(days=3))
    page = told(root, f"{EVENTS}?at__gte={today}")
    assert "ticket.priority_changed" in page
    assert "ticket.assigned" not in page
    assert "ticket" not in rows(root, f"{EVENTS}?key=x")
    dora = AgentFactory(role=role("Desk", permissions=["keys:read", "events:read"], enters_admin=True))
    assert ApiKey.objects.count() == 2
    assert "One" not in told(dora, EVENTS)


def rows(agent: Agent, path: str) -> str:
    page: str = sign_in(agent).get(path).content.decode()
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_a_solved_ticket_of_long_ago_is_no_news(root: Agent) -> None:
    row = ticket(status=Status.objects.of(Category.SOLVED))
    long_ago = timezone.now() - timedelta(days=30)
    Ticket.objects.filter(pk=row.pk).update(created_at=long_ago, solved_at=long_ago)
    shown = lines(root)
    assert (shown["Not solved yet"], shown["Opened in 7 days"], shown["Solved in 7 days"]) == ("0", "0", "0")
