"""Orders and their notes as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.api.lists import Row
from accounts.api.representations import Shown
from accounts.permissions import Permission
from orders import policy
from orders.money import written

ORDER: Mapping[str, Any] = {
    "id": None,
    "external_id": None,
    "marketplace": None,
    "contact_id": None,
    "seen_ticket": None,
    "status": None,
    "currency": None,
    "total": None,
    "lines": None,
    "tracking": None,
    "placed_at": None,
    "version": None,
    "created_at": None,
    "updated_at": None,
}
NOTE: Mapping[str, Any] = {
    "id": None, "order_id": None, "text": None, "agent_id": None, "door": None, "key_id": None, "key_name": None,
    "created_at": None, "updated_at": None,
}  # fmt: skip


def order(row: Row) -> Row:
    return {
        "id": row["id"],
        "external_id": row["external_id"],
        "marketplace": row["marketplace"],
        "contact": row["contact_id"],
        "ticket": row["seen_ticket"],
        "status": row["status"],
        "currency": row["currency"],
        "total": amount(row["total"]),
        "lines": row["lines"],
        "tracking": row["tracking"],
        "placed_at": row["placed_at"],
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def note(row: Row) -> Row:
    return {
        "id": row["id"],
        "order": row["order_id"],
        "text": row["text"],
        "author": row["agent_id"],
        "via": {
            "door": row["door"],
            "key": None if row["key_id"] is None else {"id": row["key_id"], "name": row["key_name"]},
        },
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def amount(value: Decimal | None) -> str | None:
    return None if value is None else written(value)


SHOWN_ORDER = Shown(policy.visible, ORDER, order, Permission.ORDERS_READ)
SHOWN_NOTE = Shown(policy.visible_notes, NOTE, note, Permission.ORDER_NOTES_READ)
