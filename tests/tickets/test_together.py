"""Several agents at one ticket: who is here, what is new, and what clashes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Notification, Team
from activity.actor import system_actor
from tests.cast import sign_in
from tests.factories import TagFactory, at_the_web, ticket
from tests.tasks import do_queued
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Category, Draft, Presence, Priority, Status, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "picker"}


def beat(client: Client, opened: Ticket, **fields: Any) -> Any:
    form = {"version": opened.version, "seen": opened.messages.last().pk, "known": "", "typing": "", **fields}  # type: ignore[union-attr]
    return client.post(f"/tickets/{opened.pk}/presence/", form)


def here(answer: Any) -> list[str]:
    return re.findall(r'<span class="(?:typing|looking)"[^>]*>([^<]+)<', answer.content.decode())


def test_agents_see_who_else_is_at_a_ticket(alice: Agent, root: Agent, bob: Agent, support: Team) -> None:
    opened, hers, his = ticket(team=support), sign_in(alice), sign_in(root)
    assert here(beat(hers, opened)) == []
    assert here(beat(his, opened, typing="1")) == ["Alice is here"]
    first = beat(hers, opened)
    assert here(first) == ["Root is writing"]
    known = re.search(r'data-known="([^"]+)"', first.content.decode())
    assert known
    with CaptureQueriesContext(connection) as queries:
        assert beat(hers, opened, known=known[1].replace("&#x27;", "'")).status_code == 204
    assert len(queries) <= 8  # Session, agent and role, the ticket, one for presence, one for what is due.
    assert (
        beat(sign_in(bob), opened).status_code == 404
    )  # He does not see it: nobody sees him, and he sees nobody.
    beat(his, opened, leave="1")
    assert here(beat(hers, opened)) == []
    beat(his, opened)
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=41))
    assert here(beat(hers, opened)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'tickets_presence'")
        assert cursor.fetchone() == ("u",)


def test_what_is_new_is_counted_and_shown_when_asked_for(alice: Agent, root: Agent, billing: Team) -> None:
    opened, hers = ticket(assignee=alice), sign_in(alice)
    do_queued()
    assert Notification.objects.filter(agent=alice, read_at=None).count() == 1
    assert "new: show" not in beat(hers, opened, first="1").content.decode()
    assert not Notification.objects.filter(agent=alice, read_at=None).exists()  # She looks at it.
    version, seen = opened.version, opened.messages.get().pk
    actions.note(opened, body=Body.from_markdown("News"), actor=at_the_web(root))
    actions.set_priority(opened, priority=Priority.HIGH, actor=at_the_web(root))
    actions.set_priority(opened, priority=Priority.LOW, actor=at_the_web(alice))  # Her own act is no news.
    answer = beat(hers, opened, version=version, seen=seen).content.decode()
    assert "2 new: show them" in answer
    shown = hers.get(
        f"/tickets/{opened.pk}/fresh/?view=mine", headers={"HX-Request": "true"}
    ).content.decode()
    assert "News" in shown
    assert 'id="composer"' not in shown  # What is being written stays.
    now = re.search(r'data-seen="(\d+)" data-version="(\d+)"', shown)
    assert now
    assert "new: show" not in beat(hers, opened, seen=now[1], version=now[2]).content.decode()


def test_a_page_that_looks_sends_what_is_due(alice: Agent) -> None:
    opened, client = ticket(), sign_in(alice)
    client.post(f"/tickets/{opened.pk}/messages/", {"kind": "reply", "body": "Without a worker"})
    Draft.objects.update(send_at=timezone.now())
    beat(client, opened)
    assert opened.messages.count() == 2


def test_the_same_property_changed_by_two_shows_both_values(alice: Agent, root: Agent) -> None:
    opened, client = ticket(tags=[TagFactory(name="old")]), sign_in(alice)
    before = opened.version
    pending, solved = Status.objects.of(Category.PENDING), Status.objects.of(Category.SOLVED)
    actions.set_status(opened, status=pending, actor=at_the_web(root))
    path = f"/tickets/{opened.pk}/change/"
    picker = client.get(f"{path}status/?version={before}", headers=HTMX).content.decode()
    assert f'name="version" value="{before}"' in picker
    clash = client.post(f"{path}status/", {"value": solved.pk, "version": before}, headers=HTMX)
    assert clash.status_code == 422
    page = " ".join(clash.content.decode().split())
    for said in ("Root changed this meanwhile.", "<dd>Pending</dd>", "<dd>Solved</dd>", "Set Solved"):
        assert said in page
    opened.refresh_from_db()
    assert opened.status == pending
    latest = re.search(r'name="version" value="(\d+)"', page)
    assert latest
    # Another property merges; and the same one, once she has seen both values.
    assert client.post(f"{path}priority/", {"value": 4, "version": before}).status_code == 302
    assert client.post(f"{path}status/", {"value": solved.pk, "version": latest[1]}).status_code == 302
    opened.refresh_from_db()
    assert (opened.status, opened.priority) == (solved, Priority.URGENT)

    version = opened.version
    actions.set_tags(opened, tags=[TagFactory(name="hers")], actor=system_actor())
    clash = client.post(f"{path}tags/", {"value": ["old"], "new": "mine", "version": version})
    page = clash.content.decode()
    assert "<dd>hers</dd>" in page
    assert "<dd>mine, old</dd>" in page
    actions.edit_subject(opened, subject="Theirs", actor=system_actor())
    page = client.post(f"{path}subject/", {"value": "Mine", "version": version}).content.decode()
    assert "<dd>Theirs</dd>" in page
    assert 'value="Mine"' in page
