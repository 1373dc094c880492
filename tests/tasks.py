"""Doing what is queued, at once and in this process: what a worker would do a moment later."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page
from procrastinate.contrib.django import app as queue

from tickets.models import Draft


def do_queued(*, twice: bool = False, early: bool = False) -> list[str]:
    """Run every task that is due, also those that these queue. Tells their names.

    `early` does not wait for those that are to run later. `twice` runs each of them a second time, as after a worker
    that died before it could say that it was done.
    """
    done = []
    while (job := _next(early)) is not None:
        number, name, arguments = job
        for _time in range(2 if twice else 1):
            queue.tasks[name](**arguments)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [number])
        done.append(name)
    return done


def ten_seconds_pass() -> None:
    """The replies that could be taken back until now go out."""
    Draft.objects.held().update(send_at=timezone.now())
    do_queued(twice=True, early=True)


def ten_seconds_last(page: Page) -> None:
    """What was just sent can be taken back for much longer: on a loaded machine, ten seconds are a few clicks."""
    Draft.objects.held().update(send_at=timezone.now() + timedelta(minutes=5))
    page.evaluate(
        "document.querySelectorAll('.outbox-one').forEach(one => one.dataset.due = performance.now() + 300_000)"
    )


def _next(early: bool) -> tuple[int, str, dict[str, object]] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, task_name, args::text FROM procrastinate_jobs
            WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now() OR %s)
            ORDER BY id LIMIT 1
            """,
            [early],
        )
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1], json.loads(row[2]))
