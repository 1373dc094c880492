"""A walk through thousands of tickets by cursor, while somebody else opens, changes and deletes tickets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from random import Random
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Contact
from activity.actor import system_actor
from tests.factories import ticket
from tests.length import at_length
from tests.robot import Robot, robot
from tickets import actions
from tickets.models import Category, Priority, Status, Ticket

MANY = 5_000


@at_length
@pytest.mark.django_db(transaction=True)
def test_each_ticket_of_the_start_comes_once_whatever_happens_meanwhile(alice: Agent, carol: Contact) -> None:
    start, machine = many(carol), robot(alice)
    walked = Counter(walk(machine, Unrest(start, carol)))
    assert {pk: walked[pk] for pk in start} == dict.fromkeys(start, 1)

    # In this order a ticket that changes moves to the end, and comes again. It is never missed.
    walked = Counter(walk(machine, Unrest(start, carol), "&sort=updated_at"))
    assert set(start) <= set(walked)
    assert walked.total() < MANY + 400


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["updated_at", "-updated_at"])
def test_a_ticket_that_changes_while_its_page_is_read_takes_no_other_with_it(
    alice: Agent, order: str
) -> None:
    rows = [ticket(f"Parcel {n}", assignee=alice) for n in range(60)]
    ids = [row.pk for row in rows]
    ids = ids if order == "updated_at" else ids[::-1]

    pages: list[int] = []
    cursor = ""
    for _ in range(3):
        with changing_when_found(ids[len(pages) + 19]):
            page = robot(alice).get(f"/tickets?per_page=20&sort={order}&cursor={cursor}").json()
        pages += [row["id"] for row in page["data"]]
        cursor = page["meta"]["cursor"]["next"]
    assert pages == ids


@pytest.mark.django_db
def test_the_workspace_loses_none_either(alice: Agent) -> None:
    ids = [ticket(f"Parcel {n}", assignee=alice).pk for n in range(30)][::-1]
    agent = Client()
    agent.force_login(alice)
    with changing_when_found(ids[24]):
        page = agent.get("/views/mine/").content.decode()
    more = re.search(r'id="more"><a href="([^"]+)"', page)
    assert more
    rest = agent.get(unescape(more[1])).content.decode()
    assert [int(n) for n in re.findall(r'id="row-(\d+)"', rest)] == ids[25:]


@contextmanager
def changing_when_found(pk: int) -> Iterator[None]:
    """Let somebody change the ticket in the instant after a list has found its page's ids."""
    changed = False

    def change(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal changed
        answer = execute(sql, *rest)
        if not changed and "updated_at" in sql and "LIMIT" in sql and "tickets_ticket" in sql:
            changed = True
            Ticket.objects.filter(pk=pk).update(updated_at=timezone.now())
        return answer

    with connection.execute_wrapper(change):
        yield
    assert changed


def many(contact: Contact) -> list[int]:
    status, now = Status.objects.get(category=Category.OPEN), timezone.now()
    fields = {"status": status, "category": status.category, "contact": contact, "created_at": now}
    rows = (
        Ticket(subject=f"Parcel {n}", updated_at=now - timedelta(seconds=MANY - n), **fields)
        for n in range(MANY)
    )
    return [row.pk for row in Ticket.objects.bulk_create(rows)]


def walk(machine: Robot, unrest: Unrest, order: str = "") -> Iterator[int]:
    """The ids of all tickets, in the order in which they come. While each page is read, somebody is at work."""
    cursor = ""
    with ThreadPoolExecutor(1) as somebody_else:
        while cursor is not None:
            work = somebody_else.submit(unrest.go_on)
            page = machine.get(f"/tickets?per_page=100&cursor={cursor}{order}").json()
            yield from (row["id"] for row in page["data"])
            cursor = page["meta"]["cursor"]["next"]
            work.result()
        somebody_else.submit(connections.close_all).result()


class Unrest:
    """Somebody who changes two tickets of the start, opens one, and deletes the one that he opened before."""

    def __init__(self, start: list[int], contact: Contact) -> None:
        self.start, self.contact, self.random = start, contact, Random(1)  # noqa: S311 - the same unrest every time.
        self.opened: Ticket | None = None

    def go_on(self) -> None:
        for pk in self.random.sample(self.start, 2):
            row = Ticket.objects.get(pk=pk)
            priority = Priority.LOW if row.priority == Priority.HIGH else Priority.HIGH
            actions.set_priority(row, priority=priority, actor=system_actor())
        before, self.opened = self.opened, ticket("Another parcel", contact=self.contact)
        if before is not None:
            actions.delete(before, actor=system_actor())
