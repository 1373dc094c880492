"""What the stories of webhooks share: making one, and a worker that does what is due."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from activity.actor import system_actor
from automations import actions, outbox
from automations.models import Delivery, State, Webhook
from tests.automations.receiver import Received, Receiver
from tests.robot import Robot
from tests.tasks import do_queued

SYSTEM = system_actor()


def hook(ear: Receiver, owner: Robot, path: str = "/ok", **fields: Any) -> tuple[Webhook, str]:
    given = {"name": "CRM", "url": ear.url(path), "types": ["ticket.*"], "key": owner.key, **fields}
    return actions.create_webhook(actor=SYSTEM, **given)


def deliver(*, later: bool = False) -> None:
    """A worker does what is due; `later`, also what waits for its next attempt, and for receivers that rest."""
    if later:
        Delivery.objects.filter(state=State.PENDING).update(due_at=timezone.now())
        Webhook.objects.update(resting_until=None)
    outbox.wake()
    do_queued()


def only(webhook: Webhook) -> Delivery:
    return Delivery.objects.get(webhook=webhook)


def types(received: list[Received]) -> list[str]:
    return [one.json["type"] for one in received]
