"""A webhook is told of what its owner may read: signed, under one id, and of nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from accounts.actions.refusal import Refused
from accounts.models import Agent, Team
from apitokens.actions import edit_key, revoke
from apitokens.models import ApiKey
from automations import actions
from automations.models import Attempt, Delivery, State, Webhook, Why
from tests.automations.deliveries import SYSTEM, deliver, hook, only, types
from tests.automations.receiver import Receiver, answering
from tests.canary import tables_holding
from tests.factories import ticket
from tests.robot import robot

pytestmark = pytest.mark.django_db


def test_each_event_is_told_once_signed_and_as_the_feed_tells_it(ear: Receiver, alice: Agent) -> None:
    machine = robot(alice)
    webhook, secret = hook(ear, machine)
    case = ticket()
    machine.post(f"/tickets/{case.pk}/reply", {"body": "On its way"})
    with transaction.atomic():
        ticket("Never opened")
        transaction.set_rollback(True)
    machine.post(f"/tickets/{case.pk}/priority", {"priority": "urgent"}, Prefer="dry-run")
    machine.post("/contacts", {"name": "Nobody asked"})
    assert ear.received == [], "Nothing is sent before the change stands."
    deliver()

    # Several are sent at once, so they arrive in any order.
    ear.received.sort(key=lambda got: got.json["data"]["event"]["id"])
    assert types(ear.received) == ["ticket.opened", "ticket.replied"]
    for got in ear.received:
        assert Verifier(secret).verify(got.body, got.headers) == got.json
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(got.body + b" ", got.headers)
    said = ear.received[1].json
    feed = machine.get("/events?types=ticket.*").json()["data"]
    assert [one.json["data"]["event"] for one in ear.received] == feed
    assert ear.received[1].id == f"evt_{feed[1]['id']}_{webhook.pk}"
    shown = machine.get(f"/tickets/{case.pk}").json()["data"]
    assert said["data"]["ticket"] == {name: shown[name] for name in said["data"]["ticket"]}
    assert said["data"]["message"] == machine.get(f"/tickets/{case.pk}/messages").json()["data"][-1]
    assert said["timestamp"] == feed[1]["at"]
    deliver(later=True)
    assert len(ear.received) == 2
    assert {row.state for row in Delivery.objects.all()} == {State.DELIVERED}


def test_a_rotated_secret_signs_twice_until_its_time(ear: Receiver, alice: Agent) -> None:
    webhook, old = hook(ear, robot(alice))
    new = actions.rotate_webhook(webhook, until=timezone.now() + timedelta(hours=1), actor=SYSTEM)
    ticket()
    deliver()
    (both,) = ear.received
    for secret in (old, new):
        assert Verifier(secret).verify(both.body, both.headers)
    with pytest.raises(Refused, match="End the old one"):
        actions.rotate_webhook(webhook, until=timezone.now() + timedelta(hours=1), actor=SYSTEM)
    Webhook.objects.update(previous_until=timezone.now())
    ticket()
    deliver()
    assert Verifier(new).verify(ear.received[1].body, ear.received[1].headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(ear.received[1].body, ear.received[1].headers)
    newest = actions.rotate_webhook(webhook, until=timezone.now() + timedelta(hours=1), actor=SYSTEM)
    actions.end_webhook_rotation(webhook, actor=SYSTEM)
    ticket()
    deliver()
    assert Verifier(newest).verify(ear.received[2].body, ear.received[2].headers)
    assert len(ear.received[2].headers["webhook-signature"].split()) == 1
    assert tables_holding(new) == tables_holding(newest) == tables_holding(new.removeprefix("whsec_")) == []


def test_only_what_its_owner_may_read_at_that_moment_is_told(
    ear: Receiver, bob: Agent, root: Agent, billing: Team, support: Team
) -> None:
    """Bob sees his team's tickets. One key of his reads no notes and no messages, the other lives not much longer."""
    plain = robot(bob, access_level="custom", scopes=["tickets:read", "events:read"], owner=root)
    short, _ = hook(ear, plain, "/plain", types=["*"])
    whole = robot(bob, owner=root)
    full, _ = hook(ear, whole, "/whole")
    seen, unseen = ticket(team=billing), ticket(team=support)
    for case in (seen, unseen):
        robot(root).post(f"/tickets/{case.pk}/note", {"body": "Canary in the mine"})
        robot(root).post(f"/tickets/{case.pk}/reply", {"body": "A canary sings"})
    deliver()

    assert set(types(ear.at("/plain"))) == {"ticket.opened", "ticket.replied"}
    assert set(types(ear.at("/whole"))) == {"ticket.opened", "ticket.noted", "ticket.replied"}
    assert {one.json["data"]["ticket"]["id"] for one in ear.received} == {seen.pk}
    assert b"anary" not in b"".join(one.body for one in ear.at("/plain"))
    assert [one.json["data"]["message"] for one in ear.at("/plain") if "message" in one.json["data"]] == [
        None
    ]
    noted = next(one.json for one in ear.at("/whole") if one.json["type"] == "ticket.noted")
    assert noted["data"]["message"]["body_text"] == "Canary in the mine"
    assert Counter(full.deliveries.values_list("state", flat=True)) == {State.DELIVERED: 3, State.WITHHELD: 3}
    assert set(full.deliveries.filter(state=State.WITHHELD).values_list("reason", flat=True)) == {
        "not_readable"
    }
    # The webhook tells exactly what the feed tells the key.
    for machine, path in ((plain, "/plain"), (whole, "/whole")):
        feed = [event["id"] for event in machine.get("/events?types=ticket.*").json()["data"]]
        assert sorted(one.json["data"]["event"]["id"] for one in ear.at(path)) == feed

    ear.received.clear()
    ends: dict[str, Any] = {
        "revoked": lambda key: revoke(key, actor=SYSTEM),
        "suspended": lambda key: ApiKey.objects.filter(pk=key.pk).update(suspended_at=timezone.now()),
        "expired": lambda key: ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now()),
        "operation_denied": lambda key: edit_key(key, tags=["tickets.create"], actor=SYSTEM),
        "agent_disabled": lambda _key: Agent.objects.filter(pk=bob.pk).update(is_active=False),
    }
    for reason, end in ends.items():
        owner = robot(bob, owner=root)
        webhook, _ = hook(ear, owner, f"/{reason}")
        ticket(team=billing)
        end(owner.key)
        deliver()
        assert (only(webhook).state, only(webhook).reason) == (State.WITHHELD, reason)
        assert ear.at(f"/{reason}") == []
        assert short.deliveries.exists()


def test_what_a_receiver_answers_is_taken_as_written(ear: Receiver, alice: Agent, root: Agent) -> None:
    machine = robot(alice, owner=root)
    date = format_datetime(timezone.now() + timedelta(hours=2), usegmt=True)
    ear.answers |= {
        "/fail": answering(500, b"Out of\x00 order"),
        "/redirect": answering(302, Location=ear.url("/elsewhere")),
        "/gone": answering(410),
        "/busy": answering(429, Retry_After="3600"),
        "/later": answering(503, Retry_After=date),
    }
    hooks = {path: hook(ear, machine, path, name=path[1:])[0] for path in ear.answers}
    nowhere, _ = hook(ear, machine, name="nowhere", url="http://127.0.0.1:1025/")
    inside, _ = hook(ear, machine, name="inside", url="http://localhost.invalid/")
    ticket()
    before = timezone.now()
    deliver()

    waits = {path: only(webhook).due_at - before for path, webhook in hooks.items()}
    assert timedelta(seconds=5) <= waits["/fail"] < timedelta(seconds=30)
    assert waits["/busy"] >= timedelta(hours=1)
    assert timedelta(hours=1, minutes=58) < waits["/later"] < timedelta(hours=2, minutes=1)
    said = {
        name: Attempt.objects.get(delivery__webhook__name=name)
        for name in Webhook.objects.values_list("name", flat=True)
    }
    assert [(one.status, one.error) for one in (said["fail"], said["redirect"], said["gone"])] == [
        (500, "failed"), (302, "redirect"), (410, "gone"),
    ]  # fmt: skip
    assert (said["fail"].answer_body, said["fail"].address) == ("Out of� order", "127.0.0.1")
    assert (said["nowhere"].error, said["inside"].error) == ("connection", "unknown_host")
    assert ear.at("/elsewhere") == [], "A redirect is not followed."
    assert nowhere.deliveries.get().state == inside.deliveries.get().state == State.PENDING

    # Gone is gone, and whoever answers for it is told.
    gone = Webhook.objects.get(name="gone")
    assert (gone.is_active, gone.disabled_why) == (False, Why.GONE)
    assert sorted(message.to[0] for message in mail.outbox) == [root.email]
    assert "its receiver says that it is gone" in mail.outbox[0].subject
    # Whoever asks to be left alone is sent nothing else meanwhile.
    ear.received.clear()
    ticket()
    deliver()
    assert {one.path for one in ear.received} == {"/fail", "/redirect"}


def test_what_a_receiver_echoes_is_kept_without_secrets(ear: Receiver, root: Agent, alice: Agent) -> None:
    leaked = robot(alice, owner=root)
    _webhook, secret = hook(ear, robot(alice))
    echo = f"Bad: {secret} and {leaked.secret}".encode()
    ear.answers["/ok"] = answering(400, echo, X_Echo=leaked.secret, Set_Cookie="session=1")
    ticket()
    deliver()
    attempt = Attempt.objects.get()
    assert attempt.answer_body.startswith("Bad: whsec_…")
    assert f"hdk_…{leaked.secret[-4:]}" in attempt.answer_body
    assert not any("session=1" in line for line in attempt.answer_headers)
    assert tables_holding(leaked.secret) == tables_holding(secret) == []
    leaked.key.refresh_from_db()
    assert leaked.key.state == "suspended", "Somebody who is no friend of ours has it."


def test_imports_are_quiet_and_old_deliveries_are_forgotten(ear: Receiver, root: Agent) -> None:
    webhook, _ = hook(ear, robot(root), types=["*"])
    mover = robot(root, scopes=["tickets:import"])
    old = {
        "external_id": "old-1", "subject": "Old", "contact": {"email": "dora@customer.example"},
        "created_at": "2023-03-01T09:00:00Z", "messages": [{"body": "Hi", "created_at": "2023-03-01T09:00:00Z"}],
    }  # fmt: skip
    assert mover.post("/tickets/import", old).status_code == 201
    assert not Delivery.objects.filter(type__startswith="ticket.").exists()
    ticket()
    deliver()
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    young = ticket("Young")
    other, _ = hook(ear, robot(root), name="Other")
    ticket()
    deliver()
    other.delete()
    actions.forget_old_deliveries(timezone.now() - timedelta(days=30))
    left = Delivery.objects.all()
    assert {row.webhook_id for row in left} == {webhook.pk}
    assert left.filter(event__subject_id=young.pk).exists()
    assert Attempt.objects.exclude(delivery__in=left).count() == 0
    assert Attempt.objects.exists()
