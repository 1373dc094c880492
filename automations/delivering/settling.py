"""What becomes of deliveries after an attempt: done, tried again later, or given up; and of their webhooks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.sentences import in_english, keep
from activity.actor import system_actor
from activity.screening import screened
from automations.actions.states import switch_off
from automations.delivering.sending import Message, Outcome
from automations.models import Attempt, Delivery, State, Webhook, Why

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long after each failure the next attempt comes: ten attempts in three days."""

JITTER = 0.1
"""Up to a tenth more, so that what failed together does not come back together."""

LONGEST_WAIT = timedelta(hours=24)
"""However long a receiver asks us to wait."""

FAILING_FOR = timedelta(days=3)
"""A webhook is switched off when a delivery is given up and nothing else got through for so long."""

KEPT_BODY = 16_000
KEPT_ANSWER = 2_000
KEPT_HEADERS = 30
_SUCCESS_IS_NEWS = timedelta(minutes=1)
_UNTOLD_HEADERS = {"set-cookie", "set-cookie2"}


@dataclass(frozen=True, slots=True)
class Tried:
    message: Message
    outcome: Outcome


@transaction.atomic
def settle(tried: Sequence[Tried]) -> None:
    """Write down all of these outcomes at once."""
    webhooks = _affected(tried)
    rows = {
        row.pk: row
        for row in Delivery.objects.filter(pk__in=[one.message.delivery_id for one in tried]).locked()
    }
    known = [one for one in tried if one.message.delivery_id in rows]
    Attempt.objects.bulk_create(_attempt(one) for one in known)
    _finish([rows[one.message.delivery_id] for one in known if one.outcome.has_succeeded])
    for one in known:
        if not one.outcome.has_succeeded:
            _put_off(rows[one.message.delivery_id], one.outcome)
    for webhook in webhooks:
        _judge(webhook, [one for one in known if one.message.webhook_id == webhook.pk], rows)


@transaction.atomic
def withhold(deliveries: Sequence[Delivery], reason: str) -> None:
    """Send nothing of these, and say why."""
    # One that another worker, which took this one for dead, has sent meanwhile is done.
    waiting = Delivery.objects.filter(pk__in=[row.pk for row in deliveries], state=State.PENDING).locked()
    Delivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        state=State.WITHHELD, reason=reason, done_at=timezone.now(), claimed_until=None
    )


def _finish(deliveries: list[Delivery]) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in deliveries]).update(
        state=State.DELIVERED, reason="", done_at=timezone.now(), claimed_until=None
    )


def _put_off(delivery: Delivery, outcome: Outcome) -> None:
    """To the next place in the schedule, or later if the receiver says so. After the last, it is given up."""
    if delivery.state == State.DELIVERED:
        return  # By another worker, which took this one for dead.
    delivery.claimed_until = None
    is_last = delivery.event_id is None or delivery.tries > len(SCHEDULE) or outcome.status == 410
    if is_last:
        delivery.state, delivery.done_at = State.FAILED, timezone.now()
        delivery.reason = _why_given_up(delivery, outcome)
    else:
        wait = SCHEDULE[max(0, delivery.tries - 1)] * (1 + random.random() * JITTER)  # noqa: S311 - no secret.
        delivery.due_at = timezone.now() + max(wait, asked_to_wait(outcome))
    delivery.save(update_fields=["claimed_until", "state", "done_at", "reason", "due_at"])


def _why_given_up(delivery: Delivery, outcome: Outcome) -> str:
    """Of a test, which is tried once, the attempt tells."""
    if outcome.status == 410:
        return outcome.error
    return "exhausted" if delivery.event_id is not None else ""


def asked_to_wait(outcome: Outcome) -> timedelta:
    if outcome.retry_after is None:
        return timedelta(0)
    return min(LONGEST_WAIT, timedelta(seconds=outcome.retry_after))


def _affected(tried: Sequence[Tried]) -> list[Webhook]:
    """The webhooks of which there is news, held. A success like those before it is none, so that rows stay free."""
    rows = Webhook.objects.in_bulk({one.message.webhook_id for one in tried})
    failed = {one.message.webhook_id for one in tried if not one.outcome.has_succeeded}
    now = timezone.now()
    ids = [pk for pk, row in rows.items() if pk in failed or row.failures or _is_stale(row, now)]
    return list(Webhook.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _is_stale(webhook: Webhook, now: datetime) -> bool:
    return webhook.succeeded_at is None or webhook.succeeded_at < now - _SUCCESS_IS_NEWS


def _judge(webhook: Webhook, tried: list[Tried], rows: dict[int, Delivery]) -> None:
    for one in sorted(tried, key=lambda one: one.outcome.at):
        if one.outcome.has_succeeded:
            webhook.failures, webhook.failing_since, webhook.resting_until = 0, None, None
            webhook.succeeded_at = one.outcome.at
            continue
        webhook.failures += 1
        webhook.failing_since = webhook.failing_since or one.outcome.at
        if one.outcome.retry_after is not None:
            webhook.resting_until = timezone.now() + asked_to_wait(one.outcome)
    webhook.save(update_fields=["failures", "failing_since", "resting_until", "succeeded_at"])
    why = _why_off(webhook, tried, rows)
    if why is not None:
        switch_off(webhook, why=why, actor=system_actor())


def _why_off(webhook: Webhook, tried: list[Tried], rows: dict[int, Delivery]) -> Why | None:
    if any(one.outcome.status == 410 for one in tried):
        return Why.GONE
    gave_up = any(rows[one.message.delivery_id].state == State.FAILED for one in tried)
    since = webhook.failing_since
    return Why.FAILING if gave_up and since is not None and since <= timezone.now() - FAILING_FOR else None


def _attempt(one: Tried) -> Attempt:
    message, outcome, kept = one.message, one.outcome, keep(one.outcome.sentence)
    return Attempt(
        delivery_id=message.delivery_id,
        number=message.number,
        at=outcome.at,
        duration_ms=outcome.duration_ms,
        address=outcome.address.partition("%")[0] or None,
        request_body=message.body.decode()[:KEPT_BODY],
        status=outcome.status,
        error=outcome.error,
        sentence=in_english(kept)[:300],
        sentence_kept=kept,
        answer_headers=_kept([f"{name}: {value}" for name, value in _told(outcome)], message, 300),
        answer_body=_kept([outcome.body.decode(errors="replace")], message, KEPT_ANSWER)[0],
    )


def _told(outcome: Outcome) -> list[tuple[str, str]]:
    told = [pair for pair in outcome.headers if pair[0].lower() not in _UNTOLD_HEADERS]
    return told[:KEPT_HEADERS]


def _kept(texts: list[str], message: Message, most: int) -> list[str]:
    """What a stranger answered: printable, without our secrets, and not too much of it."""
    clean = [_without(message.secrets, _printable(text)) for text in texts]
    kept: list[Any] = screened(clean, actor=system_actor(), where="attempt", webhook=message.webhook_id)
    return [str(text)[:most] for text in kept]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "whsec_…").replace(secret.removeprefix("whsec_"), "…")
    return text
