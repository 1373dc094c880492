"""What every part of the OpenAPI document is written with."""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]


def ref(section: str, name: str) -> Part:
    return {"$ref": f"#/components/{section}/{name}"}


def object_of(properties: Part, *, required: list[str] | None = None) -> Part:
    return {"type": "object", "properties": properties, "required": required or list(properties)}
