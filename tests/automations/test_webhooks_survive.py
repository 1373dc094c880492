"""Workers are killed while they send, receivers fail, changes are rolled back: nothing is lost or invented."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions import create_contact
from accounts.models import Agent
from activity.actor import system_actor
from activity.models import Event
from automations import actions, outbox
from automations.delivering.claiming import LEASE_SECONDS
from automations.models import Delivery, State, Webhook
from tests.automations.receiver import Received, Receiver
from tests.length import at_length
from tests.robot import robot
from tests.servers import StartWorker
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def faulty(ear: Receiver) -> Receiver:
    """Of five requests one is answered with an error, and one arrives but is never answered."""
    dice, lock = random.Random(7), threading.Lock()  # noqa: S311 - no secret.

    def answer(_got: Received) -> tuple[int, dict[str, str], bytes]:
        with lock:
            face = dice.random()
        if face < 0.1:
            return 500, {}, b"Out of order"
        if face < 0.2:
            raise ConnectionAbortedError
        return 200, {}, b""

    ear.answers["/faulty"] = answer
    return ear


@at_length
def test_two_killed_workers_lose_nothing(faulty: Receiver, root: Agent, start_worker: StartWorker) -> None:
    _survives(faulty, root, start_worker, events=60, kills=2, workers=1)


@at_length
def test_twenty_killed_workers_lose_nothing_of_five_thousand(
    faulty: Receiver, root: Agent, start_worker: StartWorker
) -> None:
    _survives(faulty, root, start_worker, events=5_000, kills=20, workers=2)


def _survives(
    ear: Receiver, root: Agent, start_worker: StartWorker, *, events: int, kills: int, workers: int
) -> None:
    owner = robot(root)
    webhook, _secret = actions.create_webhook(
        name="Faulty", url=ear.url("/faulty"), types=["contact.*"], key=owner.key, actor=system_actor()
    )
    running = [start_worker() for _worker in range(workers)]
    dice = random.Random(11)  # noqa: S311 - no secret.
    moments = sorted(dice.sample(range(events // 10, events), kills))
    for number in range(events):
        _happens(number, comes_true=number % 10 != 9)
        if moments and number >= moments[0]:
            moments.pop(0)
            _kill(running.pop(0), ear)
            running.append(start_worker())
    _wait_until_all_arrived(webhook)

    committed = set(Event.objects.filter(type="contact.created").values_list("pk", flat=True))
    arrived = {got.id for got in ear.received}
    assert len(committed) == events - events // 10
    assert arrived == {f"evt_{pk}_{webhook.pk}" for pk in committed}
    # Those that came twice came under the same id, and say the same of the event.
    told: dict[str, object] = {}
    for got in ear.received:
        assert told.setdefault(got.id, got.json["data"]["event"]) == got.json["data"]["event"]
    assert len(ear.received) > len(arrived), "Receivers failed, so some came twice."
    assert not Delivery.objects.exclude(state=State.DELIVERED).exists()


def _happens(number: int, *, comes_true: bool) -> None:
    """Something happens; or it is taken back at the last moment."""
    with transaction.atomic():
        create_contact(name=f"Contact {number}", actor=system_actor())
        transaction.set_rollback(not comes_true)


def _kill(worker: subprocess.Popen[bytes], ear: Receiver) -> None:
    """While there is work: when something arrived that had not before. Then its claims end."""
    known = len(ear.received)
    _until(lambda: len(ear.received) > known)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    _let_time_pass(claimed_for=0)


def _wait_until_all_arrived(webhook: Webhook) -> None:
    waiting = Delivery.objects.filter(webhook=webhook, state=State.PENDING)
    _until(lambda: not waiting.exists(), seconds=300)


def _until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """A living worker settles within the receiver's milliseconds: who did not in three seconds is taken for dead."""

    def is_so() -> bool:
        _let_time_pass(claimed_for=3)
        return condition()

    until(is_so, seconds=seconds)


def _let_time_pass(*, claimed_for: int) -> None:
    """Faster here: what failed is due at once, and claims that are so many seconds old end.

    None comes nearer to being given up by it: ten attempts are meant for three days, not for a few bad seconds.
    Rows that a worker holds just now are left to it: neither waits for the other. If nobody sends, a worker is woken,
    because the task of one that was killed is lost.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOONER, [LEASE_SECONDS - claimed_for])
    if not Delivery.objects.filter(claimed_until__gt=timezone.now()).exists():
        outbox.wake()


_SOONER = """
    UPDATE automations_delivery
    SET due_at = least(due_at, now()), claimed_until = CASE WHEN claimed_until > now() THEN now() END, tries = 0
    WHERE id IN (
        SELECT id FROM automations_delivery
        WHERE state = 'pending' AND (
            claimed_until IS NULL AND due_at > now()
            OR claimed_until > now() AND claimed_until <= now() + make_interval(secs => %s)
        )
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    )
"""
