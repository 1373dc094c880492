"""A receiver that fails is asked again, harms no other, and gets what it missed on request."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.policy import NotAllowed
from activity.models import Event
from automations import actions
from automations.delivering.claiming import TROUBLED
from automations.delivering.settling import SCHEDULE
from automations.models import Delivery, State, Webhook, Why
from tests.automations.deliveries import SYSTEM, deliver, hook, only, types
from tests.automations.receiver import Received, Receiver, answering
from tests.factories import AgentFactory, at_the_web, role, ticket
from tests.robot import robot

pytestmark = pytest.mark.django_db


def test_after_ten_attempts_in_three_days_it_is_given_up_and_switched_off(
    ear: Receiver, alice: Agent, root: Agent
) -> None:
    ear.answers["/fail"] = answering(500)
    webhook, secret = hook(ear, robot(alice, owner=alice), "/fail")
    ticket()
    gaps = []
    for _attempt in range(len(SCHEDULE) + 1):
        before = timezone.now()
        deliver()
        gaps.append(only(webhook).due_at - before)
        Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4))
        Delivery.objects.update(due_at=timezone.now())
    for planned, real in zip(SCHEDULE, gaps, strict=False):
        assert planned <= real <= planned * 1.1 + timedelta(seconds=20)
    assert len({one.id for one in ear.received}) == 1
    assert len(ear.received) == len(SCHEDULE) + 1 == 10
    assert Verifier(secret).verify(ear.received[-1].body, ear.received[-1].headers)
    webhook.refresh_from_db()
    assert (only(webhook).state, only(webhook).reason, webhook.disabled_why) == (
        State.FAILED,
        "exhausted",
        Why.FAILING,
    )
    assert sorted(message.to[0] for message in mail.outbox) == [root.email], "Alice may not read webhooks."
    event = Event.objects.get(type="webhook.disabled")
    assert (event.door, event.facts["why"]) == ("system", "failing")

    # What happens meanwhile is caught up with, on request; what was given up, too.
    ticket("While it was off")
    assert webhook.deliveries.count() == 1
    with pytest.raises(Refused, match="Switch it on first"):
        actions.redeliver(only(webhook), actor=SYSTEM)
    ear.answers.clear()
    actions.switch_on(webhook, actor=SYSTEM, catch_up=True)
    deliver()
    assert types(ear.received)[10:] == ["ticket.opened"]
    assert ear.received[10].json["data"]["ticket"]["subject"] == "While it was off"
    actions.redeliver(webhook.deliveries.get(state=State.FAILED), actor=SYSTEM)
    deliver()
    assert ear.received[11].id == ear.received[0].id


def test_one_poisoned_event_among_good_ones_switches_nothing_off(ear: Receiver, alice: Agent) -> None:
    webhook, _ = hook(ear, robot(alice))
    ticket("Poison")
    poisoned = only(webhook)
    ear.answers["/ok"] = lambda got: (500 if b"Poison" in got.body else 200, {}, b"")
    for _attempt in range(len(SCHEDULE) + 1):
        deliver(later=True)
        ticket("Good")
        deliver()
    poisoned.refresh_from_db()
    webhook.refresh_from_db()
    assert (poisoned.state, webhook.is_active, webhook.failures) == (State.FAILED, True, 0)


@pytest.fixture
def patient(settings: Settings) -> None:
    settings.OUTGOING_SECONDS = 20


def test_a_dead_receiver_does_not_delay_a_healthy_one(ear: Receiver, alice: Agent, patient: None) -> None:
    """The dead ones answer only when the healthy one has been told of everything."""
    machine, told = robot(alice), threading.Event()

    def hang(_got: Received) -> tuple[int, dict[str, str], bytes]:
        assert told.wait(15), "The dead receivers held up the healthy one."
        return 200, {}, b""

    def count(_got: Received) -> tuple[int, dict[str, str], bytes]:
        if len(ear.at("/healthy")) == 20:
            told.set()
        return 200, {}, b""

    ear.answers |= {"/healthy": count, **{f"/dead{n}": hang for n in range(3)}}
    for path in [*(f"/dead{n}" for n in range(3)), "/healthy"]:
        hook(ear, machine, path, types=["contact.created"])
    for n in range(20):
        machine.post("/contacts", {"name": f"Contact {n}"})
    deliver()
    assert told.is_set()
    assert len(ear.received) == 80
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}

    # Who failed a few times in a row gets one request at a time.
    Webhook.objects.filter(url=ear.url("/dead0")).update(failures=TROUBLED)
    most, now, lock = 0, 0, threading.Lock()

    def gauge(_got: Received) -> tuple[int, dict[str, str], bytes]:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1
        return 500, {}, b""

    ear.answers["/dead0"] = gauge
    for n in range(5):
        machine.post("/contacts", {"name": f"More {n}"})
    deliver()
    assert most == 1


def test_by_hand_one_or_a_span_is_sent_again(ear: Receiver, root: Agent, bob: Agent, alice: Agent) -> None:
    before = timezone.now()
    first = ticket("Before there was a webhook")
    webhook, _ = hook(ear, robot(root), types=["ticket.opened"])
    ticket("Told at once")
    deliver()
    arrived = only(webhook)
    admin = at_the_web(root)
    assert actions.redeliver(arrived, actor=admin).state == State.PENDING
    deliver()
    assert [one.id for one in ear.received] == [arrived.message_id] * 2

    span: dict[str, Any] = {"since": before, "until": timezone.now()}
    assert actions.redeliver_span(webhook, **span, actor=admin) == 1
    deliver()
    assert ear.received[2].json["data"]["ticket"]["id"] == first.pk
    assert actions.redeliver_span(webhook, **span, actor=admin) == 0
    assert actions.redeliver_span(webhook, **span, everything=True, actor=admin) == 2
    for wrong in ({"since": before - timedelta(days=31)}, {"until": before}):
        with pytest.raises(Refused):
            actions.redeliver_span(webhook, **span | wrong, actor=admin)
    deliver()

    # Who may do less than the key does nothing with its webhook.
    admin_only = AgentFactory(name="Desk", role=role("Desk", permissions=["webhooks:read", "webhooks:write"]))
    for act in (
        lambda: actions.redeliver(arrived, actor=at_the_web(admin_only)),
        lambda: actions.edit_webhook(webhook, url="https://evil.example/", actor=at_the_web(admin_only)),
        lambda: actions.send_test(webhook, actor=at_the_web(bob)),
    ):
        with pytest.raises(NotAllowed):
            act()
    actions.switch_off(webhook, actor=admin)
    actions.send_test(webhook, actor=admin)
    ear.received.clear()
    deliver()
    assert types(ear.received) == ["test"], "A test is sent also while the webhook is off."
    kinds = Event.objects.about(webhook).order_by("pk").values_list("type", flat=True)
    assert list(kinds) == [
        "webhook.created", "webhook.redelivered", "webhook.redelivered", "webhook.redelivered", "webhook.disabled",
        "webhook.tested",
    ]  # fmt: skip
