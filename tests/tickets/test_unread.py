"""What is new to an agent, and who is where: told by the rows of the list, until somebody looks."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from tests.cast import sign_in
from tests.factories import AgentFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Look, Presence, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def unread(client: Client, path: str = "/views/open/") -> set[int]:
    page = client.get(path).content.decode()
    return {int(pk) for pk in re.findall(r'id="row-(\d+)"[^>]* data-new', page)}


def look(client: Client, opened: Ticket, *, opens: bool = True, **fields: Any) -> Any:
    """What the page of a ticket sends when it opens, and again and again."""
    seen = opened.messages.order_by("id").last()
    assert seen
    form = {"version": opened.version, "seen": seen.pk, **({"first": "1"} if opens else {}), **fields}
    return client.post(f"/tickets/{opened.pk}/presence/", form)


def receive(opened: Ticket) -> None:
    actions.receive(opened, body=Body.from_markdown("And now?"), actor=system_actor())


def told(client: Client, *rows: Ticket) -> dict[str, Any]:
    answer = client.get("/rows/", {"row": [row.pk for row in rows]}).content.decode()
    found = re.search(r'data-rows="([^"]+)"', answer)
    assert found
    told: dict[str, Any] = json.loads(found[1].replace("&quot;", '"'))
    return told


def test_a_ticket_is_new_until_its_agent_looks_at_it(alice: Agent, root: Agent, carol: Contact) -> None:
    opened, hers, his = ticket(contact=carol), sign_in(alice), sign_in(root)
    assert unread(hers) == unread(his) == {opened.pk}
    assert (
        f'href="/tickets/{opened.pk}/?view=open" aria-describedby="is-new"'
        in hers.get("/views/open/").content.decode()
    )
    hers.get(f"/tickets/{opened.pk}/")
    assert unread(hers) == {opened.pk}, "What is only asked for is not yet seen: reading writes nothing."
    look(hers, opened)
    assert (unread(hers), unread(his)) == (set(), {opened.pk})
    assert unread(sign_in(alice)) == set()  # On her other machine.
    actions.reply(opened, body=Body.from_markdown("Soon."), actor=at_the_web(alice))
    assert unread(hers) == set()
    look(his, opened)
    receive(opened)
    assert unread(hers) == unread(his) == {opened.pk}
    look(hers, opened, opens=False, seen=1)  # She has it open, but has not asked to see what is new.
    assert unread(hers) == {opened.pk}
    look(hers, opened)
    actions.note(opened, body=Body.from_markdown("For the desk"), actor=at_the_web(root))
    assert (unread(hers), unread(his)) == ({opened.pk}, {opened.pk})
    blind = AgentFactory(role=role("Blind", permissions=["tickets:read", "messages:read"]))
    look(sign_in(blind), opened)
    actions.note(opened, body=Body.from_markdown("Another"), actor=at_the_web(root))
    assert unread(sign_in(blind)) == set(), "Who may not read notes does not learn of them."


def test_what_was_there_before_an_agent_came_is_not_new_to_him(alice: Agent) -> None:
    old = ticket("Long ago")
    old.messages.update(created_at=timezone.now() - timedelta(days=400))
    newcomer = sign_in(AgentFactory(name="Newcomer"))
    assert unread(newcomer) == set()
    opened = ticket("Today")
    assert unread(newcomer) == {opened.pk}


def test_tickets_are_marked_unread_and_read(alice: Agent, bob: Agent, carol: Contact, support: Team) -> None:
    one, other, client = ticket(contact=carol, team=support), ticket(team=support), sign_in(alice)
    look(client, one)
    answer = client.post(
        "/rows/mark/?view=open", {"ticket": [one.pk, other.pk]}, headers=HTMX
    ).content.decode()
    assert re.findall(r'id="row-(\d+)"[^>]* data-new hx-swap-oob="true"', answer) == [
        str(one.pk),
        str(other.pk),
    ]
    assert unread(client) == {one.pk, other.pk}
    look(client, one, opens=False)  # Another sign of life of a page that is open somewhere.
    assert unread(client) == {one.pk, other.pk}
    look(client, one)
    assert unread(client) == {other.pk}
    receive(one)
    client.post("/rows/mark/", {"ticket": [one.pk, other.pk], "read": "1"}, headers=HTMX)
    assert unread(client) == set()
    plain = client.post("/rows/mark/?view=open", {"ticket": one.pk})
    assert (plain.status_code, plain.headers["Location"]) == (302, "/views/open/")
    assert sign_in(bob).post("/rows/mark/", {"ticket": one.pk}).status_code == 302
    assert not Look.objects.filter(agent=bob).exists(), "Bob does not see it."
    opened = client.get("/rows/mark/", headers={"Accept": "text/html"})
    assert (opened.status_code, opened["Allow"]) == (405, "POST")
    assert "press it there" in opened.content.decode()


def test_what_was_merged_in_is_news_of_the_ticket_that_goes_on(
    alice: Agent, root: Agent, carol: Contact
) -> None:
    one, other, client = ticket(contact=carol), ticket(contact=carol), sign_in(alice)
    look(client, one)
    actions.merge(other, into=one, actor=at_the_web(root))
    assert unread(client) == {one.pk}
    client.post("/rows/mark/", {"ticket": one.pk, "read": "1"})
    assert unread(client) == set()


def test_rows_tell_who_is_there_and_what_came(
    alice: Agent, root: Agent, bob: Agent, carol: Contact, support: Team
) -> None:
    one, other, hers, his = ticket(contact=carol, team=support), ticket(), sign_in(alice), sign_in(root)
    look(his, one)
    look(hers, other)
    assert told(hers, one, other) == {
        str(one.pk): [True, "R", "Root is here"],
        str(other.pk): [False, "", ""],
    }
    assert 'title="Root is here"' in hers.get("/views/open/").content.decode()
    nothing = {str(one.pk): None, str(other.pk): None}
    assert told(sign_in(bob), one, other) == nothing, "Of what he does not see Bob is told nothing."
    AgentFactory(name="Ida Berg")
    look(sign_in(AgentFactory(name="Mia van Dam")), one)
    assert told(hers, one)[str(one.pk)][1:] == ["2", "Mia van Dam, Root are here"]
    page = hers.get("/rows/", {"row": one.pk}).content.decode().partition('data-rows="')[2].partition('"')[0]
    known = page.replace("&quot;", '"')
    with CaptureQueriesContext(connection) as few:
        assert hers.get("/rows/", {"row": str(one.pk), "known": known}).status_code == 204
    many = [ticket().pk for _ in range(20)]
    with CaptureQueriesContext(connection) as more:
        hers.get("/rows/", {"row": many})
    assert len(few) == len(more) <= 3
    answer = look(hers, one, row=[one.pk, other.pk]).content.decode()
    assert "data-rows" in answer
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=41))
    assert told(hers, one) == {str(one.pk): [False, "", ""]}
    for nonsense in ("", "x", "9" * 30):
        assert hers.get("/rows/", {"row": nonsense}).status_code == 200
