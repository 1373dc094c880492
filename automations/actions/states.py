"""Switching webhooks off and on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from activity.actor import Actor
from activity.recording import record
from automations.actions.deliveries import queue_again
from automations.actions.webhooks import locked
from automations.models import Webhook, Why
from automations.outbox import wake_after_commit


@transaction.atomic
def switch_off(webhook: Webhook, *, actor: Actor, why: Why = Why.BY_HAND) -> Webhook:
    """Send nothing more. What waits stays where it is; events from now on are not kept for it."""
    webhook = locked(webhook, actor)
    if not webhook.is_active:
        return webhook
    webhook.disabled_at, webhook.disabled_why = timezone.now(), why
    webhook.save(update_fields=["disabled_at", "disabled_why"])
    record(actor, "webhook.disabled", webhook, why=str(why))
    return webhook


@transaction.atomic
def switch_on(webhook: Webhook, *, actor: Actor, catch_up: bool = False) -> Webhook:
    """Send again, what waited first. To catch up is to send also what happened while it was off. Raises Refused."""
    webhook = locked(webhook, actor)
    since = webhook.disabled_at
    if since is None:
        return webhook
    webhook.disabled_at, webhook.disabled_why = None, ""
    webhook.failures, webhook.failing_since, webhook.resting_until = 0, None, None
    webhook.save(update_fields=["disabled_at", "disabled_why", "failures", "failing_since", "resting_until"])
    # Before what is missed is looked for, so that no event falls between.
    record(actor, "webhook.enabled", webhook)
    if catch_up:
        queue_again(webhook, since=since, until=timezone.now())
    wake_after_commit()
    return webhook
