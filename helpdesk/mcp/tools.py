"""The tools: operations of the API that make sense for an assistant, described by what the API accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from accounts.api.operations import Operation, may
from accounts.api.routes import Route, routes
from accounts.policy import rights
from activity.actor import Actor
from apitokens.assistants import tool_name
from helpdesk.api.notes import NOTES
from helpdesk.api.schema import document
from tickets.catalogue import VERBS

Schema = dict[str, Any]

_BESIDES = (
    "me.read",
    "tickets.list", "tickets.read", "tickets.messages", "tickets.notes", "tickets.bulk",
    "tickets.proposals", "proposals.list", "proposals.read", "proposals.withdraw",
    "views.list", "views.standing", "views.counts", "views.tickets",
    "contacts.list", "contacts.read", "contacts.create", "contacts.update",
    "organizations.list", "organizations.read",
    "orders.list", "orders.read", "orders.find", "orders.create", "orders.update", "orders.upsert", "orders.track",
    "orders.delete", "orders.notes", "order_notes.create", "order_notes.update", "order_notes.delete",
    "templates.list", "templates.read", "templates.render",
    "tags.list", "teams.list", "agents.list", "channels.list", "custom_fields.list",
)  # fmt: skip
"""What there is besides every verb on tickets. Nothing that administers, and no file by itself."""

ALONG = {"tickets.read": ("messages", "tickets.messages")}
"""What an assistant would ask for next comes along, as far as the token may read it: under this name."""

_REACHES_OUT = {"tickets.reply", "tickets.create"}
"""Writes to people outside of the helpdesk."""
_LIST = ("page", "count", "ids")
"""Ways to walk a list that only a program needs: an assistant has `cursor` and `per_page`."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One operation, under a name that every client understands."""

    name: str
    route: Route

    @property
    def operation(self) -> Operation:
        return self.route.operation

    def described(self) -> Schema:
        summary = self.operation.summary
        return {
            "name": self.name,
            "title": summary,
            "description": f"{summary}. {NOTES.get(self.operation.name, '')}".strip(),
            "inputSchema": _schemas()[self.operation.name],
            "annotations": {
                "title": summary,
                "readOnlyHint": self.is_reading,
                "destructiveHint": self.is_destructive,
                "idempotentHint": self.is_reading
                or self.route.method != "POST"
                or not self.route.view.creates,
                "openWorldHint": self.operation.name in _REACHES_OUT,
            },
        }

    @property
    def is_reading(self) -> bool:
        return self.route.method == "GET"

    @property
    def is_destructive(self) -> bool:
        """What it takes away is gone. Whatever else a tool changes, the history keeps, and people can undo."""
        return self.route.method == "DELETE"


@lru_cache(maxsize=1)
def operations() -> frozenset[str]:
    """The names of all operations that are tools."""
    return frozenset((*_BESIDES, *VERBS))


@lru_cache(maxsize=1)
def tools() -> dict[str, Tool]:
    """Every tool by its name."""
    known = routes()
    return {tool.name: tool for tool in (Tool(tool_name(name), known[name]) for name in (*_BESIDES, *VERBS))}


def offered(actor: Actor) -> Iterator[Tool]:
    """Those that the token could do something with."""
    held = rights(actor)
    return (tool for tool in tools().values() if may(actor, tool.operation, held))


# --- Schemas --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _schemas() -> dict[str, Schema]:
    """Operation's name → what its tool accepts: the places in the address, the query and the body, side by side."""
    found = {}
    for methods in document()["paths"].values():
        for operation in methods.values():
            found[operation["operationId"].removesuffix(".put")] = _schema(operation)
    return found


def _schema(operation: Schema) -> Schema:
    properties, required = dict[str, Any](), list[str]()
    for parameter in map(_resolved, operation["parameters"]):
        if parameter["in"] not in {"path", "query"} or parameter["name"] in {*_LIST, "custom_fields"}:
            continue
        about = {"description": parameter["description"]} if "description" in parameter else {}
        properties[parameter["name"]] = about | parameter["schema"]
        required += [parameter["name"]] if parameter["in"] == "path" else []
    body = _body(operation)
    properties |= body.get("properties", {})
    required += body.get("required", [])
    return _with_definitions(
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    )


def _body(operation: Schema) -> Schema:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return _resolved(content["schema"]) if content else {}


def _resolved(part: Schema) -> Schema:
    if "$ref" not in part:
        return part
    found: Any = document()
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _with_definitions(schema: Schema) -> Schema:
    """What it refers to, put into the schema itself: it is read without the document."""
    definitions, waiting = dict[str, Any](), _references(schema)
    while waiting:
        name = waiting.pop()
        if name not in definitions:
            definitions[name] = document()["components"]["schemas"][name]
            waiting |= _references(definitions[name])
    whole = {**schema, "$defs": definitions} if definitions else schema
    moved: Schema = _moved(whole)
    return moved


_PLACE = re.compile(r"#/components/schemas/(.+)")


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {match[1]} if (match := _PLACE.fullmatch(str(part.get("$ref", "")))) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def _moved(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _PLACE.sub(r"#/$defs/\1", inner) if name == "$ref" else _moved(inner)
            for name, inner in part.items()
        }
    return [_moved(inner) for inner in part] if isinstance(part, list) else part
