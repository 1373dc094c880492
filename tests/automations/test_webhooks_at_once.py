"""Somebody deletes a webhook, or sends a delivery again, just as a worker writes down what became of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.models import Agent
from automations.models import Attempt, Delivery, State, Webhook
from tests.automations.deliveries import deliver, hook, only
from tests.automations.receiver import Received, Receiver, answering
from tests.factories import ticket
from tests.robot import Robot, robot
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow(ear: Receiver, settings: Settings) -> Receiver:
    """It answers, with an error, when it is told to."""
    settings.OUTGOING_SECONDS = 60

    def answer(_got: Received) -> tuple[int, dict[str, str], bytes]:
        ear.released.wait(60)
        return 500, {}, b""

    ear.answers["/slow"] = answer
    return ear


def test_a_webhook_is_deleted_while_a_failure_is_written_down(slow: Receiver, root: Agent) -> None:
    r, webhook = _waiting_webhook(slow, root)
    assert _meanwhile(slow, lambda: r.delete(f"/webhooks/{webhook.pk}")).status_code == 204
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()


def test_a_delivery_is_sent_again_while_its_failure_is_written_down(slow: Receiver, root: Agent) -> None:
    r, webhook = _waiting_webhook(slow, root)
    path = f"/webhook_deliveries/{only(webhook).pk}/redeliver"
    assert _meanwhile(slow, lambda: r.post(path)).status_code == 200
    slow.answers["/slow"] = answering(200)
    deliver(later=True)
    assert only(webhook).state == State.DELIVERED
    assert {one.id for one in slow.received} == {only(webhook).message_id}
    assert Attempt.objects.count() == len(slow.received) > 1


def _waiting_webhook(ear: Receiver, root: Agent) -> tuple[Robot, Webhook]:
    r = robot(root, admin_functions=True)
    webhook, _secret = hook(ear, r, "/slow")
    ticket()
    return r, webhook


def _meanwhile(ear: Receiver, ask: Callable[[], Any]) -> Any:
    """Hold the delivery until the worker waits for it and then the request waits as well. Then let go of it."""
    with ThreadPoolExecutor(2) as pool:
        worker = _begin(pool, deliver)
        until(lambda: bool(ear.received))
        with transaction.atomic():
            Delivery.objects.select_for_update().get()
            ear.released.set()
            until(lambda: _waiting() >= 1)
            request = _begin(pool, ask)
            until(lambda: _waiting() >= 2)
        worker.result(60)
        return request.result(60)


def _begin(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


def _waiting() -> int:
    """How many connections wait for what another one holds."""
    with connection.cursor() as cursor:
        # Within a transaction the answer would always be the first one.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])
