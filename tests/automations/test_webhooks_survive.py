"""Workers are killed while they send, receivers fail, changes are rolled back: nothing is lost or invented."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions import create_contact
from accounts.models import Agent
from activity.actor import system_actor
from activity.models import Event
from automations import actions, outbox
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
    """While there is work: when something arrived that had not before."""
    known = len(ear.received)
    until(lambda: len(ear.received) > known)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def _wait_until_all_arrived(webhook: Webhook) -> None:
    """Time passes faster here: what failed is due at once, and claims of dead workers end."""

    def hurry() -> bool:
        waiting = Delivery.objects.filter(webhook=webhook, state=State.PENDING)
        past = timezone.now() - timedelta(seconds=1)
        waiting.filter(claimed_until=None).update(due_at=past)
        Webhook.objects.update(failures=0)
        if not waiting.filter(claimed_until=None).exists():
            _end_claims_of_the_dead()
        outbox.wake()
        return not waiting.exists()

    until(hurry, seconds=300)


def _end_claims_of_the_dead() -> None:
    """A living worker settles within the receiver's milliseconds what it claimed; these are older than that."""
    old = timezone.now() + timedelta(seconds=27)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE automations_delivery SET claimed_until = now() WHERE state = 'pending' AND claimed_until < %s",
            [old],
        )
