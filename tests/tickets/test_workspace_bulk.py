"""The same to the selected tickets of a list: with an outcome for each, a few at a time, and the way back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from accounts.permissions import ORDINARY, Permission
from activity.models import Event
from tests.cast import sign_in
from tests.factories import TagFactory, at_the_web, role, ticket
from tickets import actions
from tickets.models import Category, Priority, Status, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def do(client: Client, change: str, tickets: list[Ticket], **form: Any) -> str:
    """Change all of them without scripts; the page that tells what became of them."""
    fields = {"change": change, "ticket": [one.pk for one in tickets], **form}
    answer = client.post("/bulk/?view=open", fields)
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(answer.content.decode().split())


def ask(client: Client, change: str, tickets: list[Ticket]) -> str:
    chosen = "".join(f"&ticket={one.pk}" for one in tickets)
    return client.get(f"/bulk/?change={change}{chosen}&view=open").content.decode()


def undo(client: Client, page: str) -> str:
    job = re.search(r'name="job" value="([^"]+)"', page)
    assert job
    return " ".join(client.post("/bulk/on/", {"job": job[1], "undo": "1"}).content.decode().split())


def test_alice_solves_three_and_takes_it_back_where_nothing_newer_happened(alice: Agent) -> None:
    tickets = [ticket(f"Matter {n}", assignee=alice) for n in range(3)]
    solved, pending = Status.objects.of(Category.SOLVED), Status.objects.of(Category.PENDING)
    client = sign_in(alice)
    asked = ask(client, "status", tickets)
    assert "3 tickets" in asked
    page = do(client, "status", tickets, value=solved.pk)
    assert "<strong>3 tickets changed</strong>" in page
    assert {t.status for t in Ticket.objects.all()} == {solved}
    actions.set_status(tickets[1], status=pending, actor=at_the_web(alice))
    actions.set_priority(tickets[2], priority=Priority.HIGH, actor=at_the_web(alice))  # Another field.

    page = undo(client, page)
    assert "<strong>2 tickets are as they were</strong>, 1 refused:" in page
    assert "Somebody else changed status meanwhile" in page
    now = [Ticket.objects.get(pk=one.pk) for one in tickets]
    assert [one.category for one in now] == ["open", "pending", "open"]
    assert now[2].priority == Priority.HIGH
    assert {e.door for e in Event.objects.about(tickets[0]).exclude(type="ticket.opened")} == {"web"}


def test_each_change_is_made_and_unmade_by_its_own_verb(alice: Agent, bob: Agent, support: Team) -> None:
    alice.role = role("Agent", permissions=sorted(ORDINARY))
    TagFactory(name="late")
    one, other = ticket(assignee=bob, tags=[TagFactory(name="old")]), ticket()
    client, both = sign_in(alice), [one, other]
    assert "<strong>2 tickets changed" in do(client, "assignee", both, value=alice.pk)
    page = do(client, "assignee", both, value=bob.pk)
    assert "1 ticket changed" in do(client, "assignee", [one], value="")
    undo(client, page)
    assert [t.assignee for t in Ticket.objects.order_by("pk")] == [None, alice]
    page = do(client, "team", both, value=support.pk)
    assert "2 were so already" in do(client, "team", both, value=support.pk)
    undo(client, page)
    assert {t.team for t in Ticket.objects.all()} == {None}
    undo(client, do(client, "priority", both, value=4))
    assert {t.priority for t in Ticket.objects.all()} == {Priority.NORMAL}
    page = do(client, "tags", both, value=["late"], new="fresh", how="add")
    assert sorted(one.tags.values_list("name", flat=True)) == ["fresh", "late", "old"]
    do(client, "tags", both, value=["late"], how="remove")
    assert sorted(one.tags.values_list("name", flat=True)) == ["fresh", "old"]
    assert "2 refused" in undo(client, page)  # Something newer happened to the tags.


def test_the_selected_tickets_become_one_and_several_again(alice: Agent, carol: Contact) -> None:
    tickets = [ticket(f"Again {n}", contact=carol) for n in range(3)]
    client = sign_in(alice)
    asked = ask(client, "merge", tickets)
    assert asked.count('class="option"') == 3
    page = do(client, "merge", tickets, value=tickets[0].pk)
    assert "<strong>2 tickets changed" in page
    assert Ticket.objects.filter(merged_into=tickets[0]).count() == 2
    assert "2 tickets are as they were" in undo(client, page)
    assert not Ticket.objects.filter(merged_into__isnull=False).exists()


def test_what_is_refused_is_named_and_the_rest_is_done(
    alice: Agent, bob: Agent, support: Team, billing: Team, carol: Contact
) -> None:
    own, foreign = ticket(team=billing, contact=carol), ticket("A secret", team=support, contact=carol)
    merged = ticket(team=billing, contact=carol)
    actions.merge(merged, into=own, actor=at_the_web(alice))
    client = sign_in(bob)
    page = do(client, "priority", [own, foreign, merged], value=4)
    assert "<strong>1 ticket changed</strong>, 2 refused:" in page
    assert f"#{foreign.pk}</a> It is gone, or you may not see it any more." in page
    assert f"Ticket {merged.pk} was merged into ticket {own.pk}" in page
    assert "A secret" not in page
    assert "A secret" not in client.get(f"/bulk/?change=merge&ticket={foreign.pk}").content.decode()
    answer = client.post("/bulk/", {"change": "merge", "ticket": [own.pk], "value": foreign.pk})
    assert answer.status_code == 422
    foreign.refresh_from_db()
    assert foreign.priority == Priority.NORMAL


def test_with_scripts_a_few_are_changed_at_a_time_and_rows_come_back(alice: Agent) -> None:
    tickets = [ticket(assignee=alice) for _ in range(45)]
    client, shown = sign_in(alice), tickets[0].pk
    form: dict[str, Any] = {
        "change": "priority",
        "ticket": [t.pk for t in tickets],
        "value": 4,
        "open": shown,
    }
    progress, answer = [], client.post("/bulk/?view=mine", form, headers=HTMX)
    assert 'id="panel"' in answer.content.decode()  # The open ticket changes with the others.
    while job := re.search(
        r'hx-trigger="load, submit".*name="job" value="([^"]+)"', answer.content.decode(), re.DOTALL
    ):
        progress += re.findall(r"<label>(\d+ of \d+)", answer.content.decode())
        assert answer.content.decode().count('class="row"') == 20
        answer = client.post("/bulk/on/?view=mine", {"job": job[1]}, headers=HTMX)
    assert progress == ["20 of 45", "40 of 45"]
    assert "45 tickets changed" in answer.content.decode()
    told = json.loads(answer["HX-Trigger"])["bulk-told"]
    assert (len(told["changed"]), told["ended"]) == (5, True)
    assert Ticket.objects.filter(priority=4).count() == 45


def test_a_job_is_for_whoever_began_it_and_for_an_hour(alice: Agent, root: Agent) -> None:
    page = do(sign_in(alice), "priority", [ticket()], value=4)
    job = re.search(r'name="job" value="([^"]+)"', page)
    assert job
    for client, token in ((sign_in(root), job[1]), (sign_in(alice), "forged"), (sign_in(alice), "")):
        assert client.post("/bulk/on/", {"job": token, "undo": "1"}).status_code == 400


def test_nothing_selected_and_nothing_known_say_so(alice: Agent) -> None:
    client = sign_in(alice)
    assert "No ticket is selected" in client.get("/bulk/?change=status").content.decode()
    assert client.get("/bulk/?change=version&ticket=1").status_code == 404
    assert "Choose a tag" in client.post("/bulk/", {"change": "tags", "ticket": [1]}).content.decode()
    alice.role = role("Reader", permissions=[Permission.TICKETS_READ])
    alice.save()
    ticket()
    assert client.get("/bulk/?change=status&ticket=1").status_code == 403
    assert 'name="ticket"' not in client.get("/views/open/").content.decode()


def test_a_few_more_tickets_cost_no_more_queries_each(alice: Agent) -> None:
    client = sign_in(alice)

    def cost(number: int) -> int:
        form = {"change": "priority", "ticket": [ticket().pk for _ in range(number)], "value": 4}
        with CaptureQueriesContext(connection) as captured:
            client.post("/bulk/", form)
        return len(captured)

    one, three, five = cost(1), cost(3), cost(5)
    assert five - three == three - one


def test_the_list_is_dense_where_one_wants_it(alice: Agent) -> None:
    client = sign_in(alice)
    assert "data-density" not in client.get("/views/mine/").content.decode()
    assert (
        client.post("/density/", {"density": "compact", "next": "/views/open/"})["Location"] == "/views/open/"
    )
    assert 'data-density="compact"' in client.get("/views/mine/").content.decode()
    client.post("/density/", {"density": "comfortable"})
    assert "data-density" not in client.get("/views/mine/").content.decode()
