"""Keys and their logs as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.api.lists import Row
from accounts.api.representations import Shown
from accounts.permissions import Permission
from apitokens import policy
from apitokens.models import ApiKey
from apitokens.models.key import granted_scopes

KEY: Mapping[str, Any] = {
    "id": None, "name": None, "description": None, "kind": None, "agent_id": None, "owner_id": None,
    "access_level": None, "scopes": None, "admin_functions": None, "tags": None, "addresses": None,
    "rate_limit": None, "expires_at": None, "hint": None, "created_by_id": None, "created_at": None,
    "regenerated_at": None, "rotated_at": None, "previous_hint": None, "previous_until": None,
    "suspended_at": None, "revoked_at": None,
    "last_used_at": F("usage__last_used_at"), "last_address": F("usage__last_address"),
}  # fmt: skip


_TIMES = ("expires_at", "suspended_at", "revoked_at", "previous_until")


def key(row: Row) -> Row:
    itself = ApiKey(**{name: row[name] for name in _TIMES})
    previous = {"ends_with": row["previous_hint"], "accepted_until": row["previous_until"]}
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "kind": row["kind"],
        "agent": row["agent_id"],
        "owner": row["owner_id"],
        "access_level": row["access_level"],
        "scopes": row["scopes"],
        "granted_scopes": granted_scopes(
            row["access_level"], row["scopes"], admin_functions=row["admin_functions"]
        ),
        "admin_functions": row["admin_functions"],
        "tags": row["tags"],
        "addresses": row["addresses"],
        "rate_limit": row["rate_limit"],
        "expires_at": row["expires_at"],
        "state": itself.state,
        "secret_ends_with": row["hint"],
        "created_by": row["created_by_id"],
        "created_at": row["created_at"],
        "regenerated_at": row["regenerated_at"],
        "rotated_at": row["rotated_at"],
        "previous_secret": previous if itself.accepts_previous(timezone.now()) else None,
        "suspended_at": row["suspended_at"],
        "revoked_at": row["revoked_at"],
        "last_used_at": row["last_used_at"],
        "last_address": row["last_address"],
    }


SHOWN_KEY = Shown(policy.visible, KEY, key, Permission.KEYS_READ)

LOGGED = (
    "sequence", "at", "method", "path", "query", "operation", "status", "code", "reason", "duration_ms", "size",
    "address", "user_agent", "request_id", "scheme", "secret", "agent_id", "agent_source", "required_scope", "replayed",
)  # fmt: skip


def logged(row: Row) -> Row:
    return {
        "number": row["sequence"],
        "at": row["at"],
        "method": row["method"],
        "path": row["path"],
        "query": row["query"],
        "operation": row["operation"] or None,
        "status": row["status"],
        "error": {"code": row["code"], "reason": row["reason"]} if row["code"] else None,
        "duration_ms": row["duration_ms"],
        "bytes": row["size"],
        "address": row["address"],
        "user_agent": row["user_agent"],
        "request_id": row["request_id"],
        "scheme": row["scheme"],
        "secret": row["secret"],
        "acting": {"agent_id": row["agent_id"], "source": row["agent_source"]},
        "required_scope": row["required_scope"] or None,
        "replayed": row["replayed"],
    }
