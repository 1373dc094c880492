"""Webhooks and their deliveries as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.api.lists import Row
from accounts.api.representations import Shown
from accounts.permissions import Permission
from automations import policy
from automations.models import Attempt, Delivery, Webhook

WEBHOOK: Mapping[str, Any] = dict.fromkeys(
    (
        "id", "name", "description", "url", "types", "key_id", "agent_id", "disabled_at", "disabled_why", "failures",
        "failing_since", "resting_until", "succeeded_at", "previous_until", "created_by_id", "created_at",
    )
)  # fmt: skip
DELIVERY: Mapping[str, Any] = dict.fromkeys(
    ("id", "webhook_id", "event_id", "type", "state", "reason", "attempts", "created_at", "due_at", "done_at")
)


def webhook(row: Row) -> Row:
    rotating = Webhook(previous_until=row["previous_until"]).is_rotating(timezone.now())
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "url": row["url"],
        "types": row["types"],
        "key": row["key_id"],
        "agent": row["agent_id"],
        "active": row["disabled_at"] is None,
        "disabled_at": row["disabled_at"],
        "disabled_why": row["disabled_why"] or None,
        "failures": row["failures"],
        "failing_since": row["failing_since"],
        "resting_until": row["resting_until"],
        "succeeded_at": row["succeeded_at"],
        "two_secrets_until": row["previous_until"] if rotating else None,
        "created_by": row["created_by_id"],
        "created_at": row["created_at"],
    }


def delivery(row: Row) -> Row:
    itself = Delivery(pk=row["id"], webhook_id=row["webhook_id"], event_id=row["event_id"])
    return {
        "id": row["id"],
        "webhook": row["webhook_id"],
        "webhook_id": itself.message_id,
        "event": row["event_id"],
        "type": row["type"],
        "state": row["state"],
        "reason": row["reason"] or None,
        "attempts": row["attempts"],
        "created_at": row["created_at"],
        "next_attempt_at": row["due_at"] if row["state"] == "pending" else None,
        "done_at": row["done_at"],
    }


def attempt(row: Attempt, *, with_bodies: bool) -> Row:
    """What was sent is told to those who may read it, as `with_bodies` says."""
    return {
        "number": row.number,
        "at": row.at,
        "duration_ms": row.duration_ms,
        "address": row.address,
        "request_body": row.request_body if with_bodies else None,
        "status": row.status,
        "error": row.error or None,
        "message": row.sentence or None,
        "answer_headers": row.answer_headers,
        "answer_body": row.answer_body,
    }


SHOWN_WEBHOOK = Shown(policy.visible_webhooks, WEBHOOK, webhook, Permission.WEBHOOKS_READ)
SHOWN_DELIVERY = Shown(policy.visible_deliveries, DELIVERY, delivery, Permission.WEBHOOKS_READ)
