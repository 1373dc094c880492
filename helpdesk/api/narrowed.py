"""The OpenAPI document for one key: only the operations that it could perform, and what those refer to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from helpdesk.api.components.parts import Part
from helpdesk.api.schema import document

_NARROWED = "Only the operations that the key it was asked with can perform."


@lru_cache(maxsize=64)
def narrowed_json(operations: frozenset[str]) -> bytes:
    """The document with these operations alone, by the names that tags of keys match. Many keys share one."""
    return json.dumps(narrowed(operations), ensure_ascii=False, separators=(",", ":")).encode()


def narrowed(operations: Collection[str]) -> Part:
    whole = document()
    paths = dict(_paths(whole["paths"], operations))
    used = {tag for methods in paths.values() for operation in methods.values() for tag in operation["tags"]}
    return whole | {
        "info": whole["info"] | {"description": f"{_NARROWED} {whole['info']['description']}"},
        "paths": paths,
        "tags": [tag for tag in whole["tags"] if tag["name"] in used],
        "components": _components(whole["components"], paths),
    }


def _paths(paths: Part, operations: Collection[str]) -> Iterator[tuple[str, Part]]:
    for path, methods in paths.items():
        kept = {m: o for m, o in methods.items() if o["operationId"].removesuffix(".put") in operations}
        if kept:
            yield path, kept


def _components(components: Part, paths: Part) -> Part:
    """What the paths refer to, and what that refers to in turn. Credentials are named, not referred to."""
    needed, new = set[str](), set(_refs(paths))
    while new:
        needed |= new
        new = {ref for name in new for ref in _refs(_found(components, name))} - needed
    kept = {
        section: {name: part for name, part in parts.items() if f"{section}/{name}" in needed}
        for section, parts in components.items()
    }
    return kept | {"securitySchemes": components["securitySchemes"]}


def _refs(part: Any) -> Iterator[str]:
    """`section/name` of every component that is referred to in it."""
    if isinstance(part, dict):
        if isinstance(ref := part.get("$ref"), str):
            yield ref.removeprefix("#/components/")
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def _found(components: Part, ref: str) -> Any:
    section, _, name = ref.partition("/")
    return components[section][name]
