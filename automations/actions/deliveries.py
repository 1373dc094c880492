"""Sending by hand: a test, one delivery again, all of a span, or whenever somebody calls a webhook."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.actions.refusal import Refused
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.models import Event
from activity.recording import record
from automations.actions.webhooks import locked
from automations.models import CALLED, TEST, Attempt, Delivery, State, Webhook
from automations.outbox import wake_after_commit
from tickets import policy as tickets
from tickets.models import Ticket

MOST = 10_000
"""Of events that are sent again at once."""

FARTHEST = timedelta(days=30)
"""How far back."""


@transaction.atomic
def send_test(webhook: Webhook, *, actor: Actor) -> Delivery:
    """Send a message of the type `test`, once, also while the webhook is off."""
    webhook = locked(webhook, actor)
    delivery = Delivery.objects.create(webhook=webhook, type=TEST)
    record(actor, "webhook.tested", webhook)
    wake_after_commit()
    return delivery


@transaction.atomic
def redeliver(delivery: Delivery, *, actor: Actor) -> Delivery:
    """Send it again, under the same id, with all attempts before it. One that waits is sent now. Raises Refused."""
    webhook = locked(delivery.webhook, actor)
    if not webhook.is_active and delivery.event_id is not None:
        raise Refused("", "invalid", _("The webhook is off. Switch it on first."))
    delivery = Delivery.objects.locked().get(pk=delivery.pk)
    if not delivery.is_done and delivery.claimed_until is not None:
        return delivery
    delivery.state, delivery.reason, delivery.done_at = State.PENDING, "", None
    delivery.due_at, delivery.tries = timezone.now(), 0
    delivery.save(update_fields=["state", "reason", "done_at", "due_at", "tries"])
    record(actor, "webhook.redelivered", webhook, delivery=delivery.pk)
    wake_after_commit()
    return delivery


@transaction.atomic
def redeliver_span(
    webhook: Webhook, *, since: datetime, until: datetime, actor: Actor, everything: bool = False
) -> int:
    """Send what happened in this span and did not arrive, also what was never tried because the webhook was off or
    did not exist. With `everything` also what did arrive. Returns how many. Raises Refused."""
    webhook = locked(webhook, actor)
    if not webhook.is_active:
        raise Refused("", "invalid", _("The webhook is off. Switch it on first."))
    if not since < until:
        raise Refused("until", "invalid", _("The span ends before it begins."))
    if since < timezone.now() - FARTHEST:
        raise Refused("since", "invalid", _("Choose a beginning at most 30 days ago."))
    count = queue_again(webhook, since=since, until=until, everything=everything)
    if count:
        record(
            actor,
            "webhook.redelivered",
            webhook,
            deliveries=count,
            since=since.isoformat(),
            until=until.isoformat(),
        )
        wake_after_commit()
    return count


@transaction.atomic
def call_webhook(webhook: Webhook, *, about: Ticket, actor: Actor) -> Event:
    """Tell a webhook of a ticket, whatever types it chose: by an event that says so in the ticket, and is what it gets.

    The caller decides who may. Raises Refused if the webhook is off.
    """
    if not Webhook.objects.active().filter(pk=webhook.pk).exists():
        raise Refused("", "off", _("The webhook “%(name)s” is off. Switch it on.") % {"name": webhook.name})
    now = tickets.visible(actor).get(pk=about.pk)
    event = record(actor, CALLED, now, webhook={"id": webhook.pk, "name": webhook.name})
    row = Delivery(webhook=webhook, event=event, type=event.type)
    Delivery.objects.bulk_create([row], ignore_conflicts=True)  # It may have chosen this type, too.
    wake_after_commit()
    return event


@transaction.atomic
def forget_old_deliveries(before: datetime) -> None:
    """With their attempts, done or not: nobody waits for them any more. And those of webhooks that are gone."""
    known = Exists(Webhook.objects.filter(pk=OuterRef("webhook")))
    old = Delivery.objects.filter(Q(created_at__lt=before) | ~Q(known))
    Delivery.objects.filter(pk__in=old.order_by().select_for_update(skip_locked=True)).delete()
    Attempt.objects.filter(~Exists(Delivery.objects.filter(pk=OuterRef("delivery")))).delete()


def queue_again(webhook: Webhook, *, since: datetime, until: datetime, everything: bool = False) -> int:
    """Put these deliveries back to the beginning, and make those that are missing."""
    values: dict[str, Any] = {
        "webhook": webhook.pk,
        "since": since,
        "until": until,
        "now": timezone.now(),
        "types": [kind for kind in webhook.types if not kind.endswith("*")],
        "kinds": [kind.removesuffix("*").removesuffix(".") for kind in webhook.types if kind.endswith("*")],
        "states": [state.value for state in _AGAIN_OF if everything or state != State.DELIVERED],
        "most": MOST + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, values)
        missed = cursor.rowcount
        cursor.execute(_AGAIN, values)
        count = int(missed + cursor.rowcount)
    if count > MOST:
        raise Refused("since", "invalid", _("These are more than 10,000 events. Choose a shorter span."))
    return count


_AGAIN_OF = (State.FAILED, State.WITHHELD, State.DELIVERED)
_MISSED = """
    INSERT INTO automations_delivery
        (webhook_id, event_id, type, state, created_at, due_at, attempts, tries, reason)
    SELECT %(webhook)s, id, type, 'pending', at, %(now)s, 0, 0, '' FROM activity_event
    WHERE at >= %(since)s AND at < %(until)s AND NOT facts ? 'quiet'
        AND (type = ANY(%(types)s) OR split_part(type, '.', 1) = ANY(%(kinds)s) OR '' = ANY(%(kinds)s))
        AND NOT EXISTS (
            SELECT 1 FROM automations_delivery AS known
            WHERE known.event_id = activity_event.id AND known.webhook_id = %(webhook)s
        )
    ORDER BY id LIMIT %(most)s
    ON CONFLICT (event_id, webhook_id) DO NOTHING
"""
_AGAIN = """
    UPDATE automations_delivery SET state = 'pending', reason = '', done_at = NULL, due_at = %(now)s, tries = 0
    WHERE id IN (
        SELECT id FROM automations_delivery
        WHERE webhook_id = %(webhook)s AND event_id IS NOT NULL AND state = ANY(%(states)s)
            AND created_at >= %(since)s AND created_at < %(until)s
        ORDER BY id FOR UPDATE
    )
"""
