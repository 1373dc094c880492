"""Events as the API tells them: only as much as whoever reads them may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.api.lists import Row
from accounts.history import is_reference, visible_references
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor

EVENT: Mapping[str, Any] = {
    "id": None, "type": None, "at": None, "subject_type": None, "subject_id": None, "subject_label": None,
    "door": None, "agent_id": None, "contact_id": None, "key_id": None, "key_name": None, "changes": None,
    "facts": None, "cause_id": None,
}  # fmt: skip

_NAMES: Mapping[str, Permission | None] = {
    "status": None,
    **dict.fromkeys(("assignee", "agent", "agents", "owner"), Permission.AGENTS_READ),
    **dict.fromkeys(("team", "teams", "default_team"), Permission.TEAMS_READ),
    "organization": Permission.ORGANIZATIONS_READ,
    "contact": Permission.CONTACTS_READ,
    "role": Permission.ROLES_READ,
    "group": Permission.TAG_GROUPS_READ,
}
"""Field or fact that names another row by id and name → the right to know that name, if any is needed."""

_PLAIN = {
    "access", "automation", "by_agent", "contacts_differ", "fields", "kind", "labels", "message", "messages", "note",
    "parcels", "purpose", "quiet", "version", "where", "why",
}  # fmt: skip
"""Facts that say nothing about other rows than an id. Of all others, such as the address somebody signed in from,
only administrators are told."""


def told(actor: Actor, rows: Sequence[Row]) -> list[Row]:
    """The events of some rows of `values()`."""
    held = rights(actor)
    seen = visible_references(actor, (row["facts"] for row in rows))
    return [_told(row, held, seen) for row in rows]


def _told(row: Row, held: frozenset[Permission], seen: set[tuple[str, int]]) -> Row:
    return {
        "id": row["id"],
        "type": row["type"],
        "at": row["at"],
        "subject": {"type": row["subject_type"], "id": row["subject_id"], "label": row["subject_label"]},
        "door": row["door"],
        "agent": row["agent_id"],
        "contact": row["contact_id"],
        "key": None if row["key_id"] is None else {"id": row["key_id"], "name": row["key_name"]},
        "changes": {
            field: [_known(field, value, held) for value in pair] for field, pair in row["changes"].items()
        },
        "facts": {
            name: _known(name, value, held)
            for name, value in row["facts"].items()
            if _may_know(name, value, held, seen)
        },
        "cause": row["cause_id"],
    }


def _may_know(name: str, value: Any, held: frozenset[Permission], seen: set[tuple[str, int]]) -> bool:
    if Permission.ADMIN in held:
        return True
    return (name, value) in seen if is_reference(name) else name in _PLAIN or name in _NAMES


def _known(field: str, value: Any, held: frozenset[Permission]) -> Any:
    """A value without the names of rows that the reader may not read. Their ids the subject itself shows."""
    if isinstance(value, list):
        return [_known(field, one, held) for one in value]
    if not isinstance(value, dict) or set(value) != {"id", "name"}:
        return value
    needed = _NAMES.get(field, Permission.ADMIN)
    return value if needed is None or needed in held else {"id": value["id"]}
