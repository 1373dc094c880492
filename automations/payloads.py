"""What a webhook is sent: the event as `/events` tells it, and what it is about as the API shows it, to its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.renderers import JSONRenderer

from accounts.api import lists
from accounts.api.lists import Row
from accounts.api.representations import LINKABLE, SHOWN_FIELD, SHOWN_ROLE, Shown
from accounts.api.told import EVENT, told
from accounts.history import seen_among
from accounts.policy import patterns_admit, rights
from activity.actor import Actor
from activity.models import Event
from apitokens.api.representations import SHOWN_KEY
from automations.models import CALLED, TEST, Webhook
from orders.api.representations import SHOWN_NOTE, SHOWN_ORDER
from tickets import policy as tickets
from tickets.api.representations import MESSAGE, message

Payload = dict[str, Any]
_Loaded = dict[str, dict[int, Row]]


@dataclass(frozen=True, slots=True)
class Part:
    """A row that an event is about, or names: under which name it is told, by which operation one would read it."""

    name: str
    operation: str
    rows: Callable[[Actor], Any]
    columns: Mapping[str, Any]
    show: Callable[[Row], Row]
    permission: str = ""
    """Needed to see any of these rows, where `rows` does not ask for it itself."""


def _part(name: str, operation: str, shown: Shown) -> Part:
    return Part(name, operation, shown.rows, shown.columns, shown.show, shown.permission)


SUBJECTS: dict[str, Part] = {
    "ticket": _part("ticket", "tickets.read", LINKABLE["ticket"]),
    "contact": _part("contact", "contacts.read", LINKABLE["contact"]),
    "organization": _part("organization", "organizations.read", LINKABLE["organization"]),
    "agent": _part("agent", "agents.read", LINKABLE["agent"]),
    "team": _part("team", "teams.read", LINKABLE["team"]),
    "role": _part("role", "roles.read", SHOWN_ROLE),
    "tag": _part("tag", "tags.read", LINKABLE["tag"]),
    "taggroup": _part("tag_group", "tag_groups.read", LINKABLE["tag_group"]),
    "customfield": _part("custom_field", "custom_fields.read", SHOWN_FIELD),
    "apikey": _part("key", "keys.read", SHOWN_KEY),
    "order": _part("order", "orders.read", SHOWN_ORDER),
}
"""By the kind of thing that an event is about. Of others the event itself tells."""

NAMED: dict[str, Part] = {
    "message": Part("message", "messages.read", tickets.visible_messages, MESSAGE, message),
    "note": _part("order_note", "order_notes.read", SHOWN_NOTE),
}
"""By the fact that holds the id."""


def payloads(actor: Actor, ids: Iterable[int]) -> dict[int, Payload]:
    """Of these events those that the actor may read, by their ids. The number of queries does not grow with them."""
    rows = _seen(actor, ids)
    answered = _seen(actor, {row["cause_id"] for row in rows if row["type"] == CALLED} - {None})
    parts = _loaded(actor, [*rows, *answered])
    causes = {row["id"]: (row, event) for row, event in zip(answered, told(actor, answered), strict=True)}
    return {
        event["id"]: {
            "type": event["type"],
            "timestamp": event["at"],
            "data": {"event": event, **_answered(row, causes, parts), **_about(row, parts)},
        }
        for row, event in zip(rows, told(actor, rows), strict=True)
    }


def _seen(actor: Actor, ids: Iterable[int]) -> list[Row]:
    rows = lists.load_rows(Event.objects.all(), list(ids), EVENT)
    seen = seen_among(actor, rows)
    return [row for row in rows if row["id"] in seen]


def _answered(row: Row, causes: dict[int, tuple[Row, Row]], parts: _Loaded) -> dict[str, Row | None]:
    """Of a call, what the trigger answers, and what was said then."""
    if row["type"] != CALLED:
        return {}
    cause, event = causes.get(row["cause_id"], (None, None))
    return {"answered": event, **(_about(cause, parts) if cause else {})}


def test_payload(webhook: Webhook, at: Any) -> Payload:
    data = {"webhook": {"id": webhook.pk, "name": webhook.name}, "message": "It works."}
    return {"type": TEST, "timestamp": at, "data": data}


def written(payload: Payload) -> bytes:
    """As the API writes its answers."""
    body: bytes = JSONRenderer().render(payload)
    return body


def _named(row: Row) -> Iterable[tuple[Part, int]]:
    """The rows that one event leads to."""
    if part := SUBJECTS.get(row["subject_type"]):
        yield part, row["subject_id"]
    for fact, part in NAMED.items():
        if isinstance(row["facts"].get(fact), int):
            yield part, row["facts"][fact]


def _loaded(actor: Actor, rows: list[Row]) -> _Loaded:
    wanted: dict[str, tuple[Part, set[int]]] = {}
    for row in rows:
        for part, pk in _named(row):
            wanted.setdefault(part.name, (part, set()))[1].add(pk)
    return {name: _shown(actor, part, ids) for name, (part, ids) in wanted.items()}


def _shown(actor: Actor, part: Part, ids: set[int]) -> dict[int, Row]:
    if part.permission and part.permission not in rights(actor):
        return {}
    if actor.grant is not None and not patterns_admit(actor.grant.tags, part.operation):
        return {}
    rows = lists.load_rows(part.rows(actor), ids, part.columns)
    return {row["id"]: part.show(row) for row in rows}


def _about(row: Row, parts: _Loaded) -> dict[str, Row | None]:
    """Null for what is deleted by now, or is not for the owner's eyes."""
    return {part.name: parts[part.name].get(pk) for part, pk in _named(row)}
