"""The OpenAPI document: every operation as its view declares it, by way of drf-spectacular."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from drf_spectacular import openapi
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry

from accounts.api import shapes
from accounts.api.operations import Operation
from accounts.api.views import ApiView, Shape
from accounts.permissions import ADMINISTRATIVE
from helpdesk.api import extensions  # noqa: F401 - importing them registers them.
from helpdesk.api.components import components
from helpdesk.api.components.headers import ALWAYS, WITH_CREDENTIAL, header_refs
from helpdesk.api.components.parts import Part, ref
from helpdesk.api.components.refusals import RESPONSES
from helpdesk.api.examples import EXAMPLES
from helpdesk.api.notes import NOTES, TAGS

JSON = "application/json"
_LIST_PARAMETERS = ("page", "per_page", "count", "cursor", "ids", "updated_since")


@lru_cache(maxsize=1)
def document() -> Part:
    """The whole document. It says the same to everybody, so one process needs to make it once."""
    return cast("Part", SchemaGenerator().get_schema(public=True))  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1)
def document_json() -> bytes:
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()


def canonical_only(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """drf-spectacular's hook before: one spelling of every path."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_components(result: Part, **_: Any) -> Part:
    """drf-spectacular's hook after: what the operations refer to."""
    used = {tag for path in result["paths"].values() for method in path.values() for tag in method["tags"]}
    result["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in TAGS if tag in used]
    for section, parts in components().items():
        result["components"][section] = result["components"].get(section, {}) | parts
    return cast("Part", _without_marks(result))


def _without_marks(part: Any) -> Any:
    """drf-spectacular marks enums for a hook of its own, which is not used here."""
    if isinstance(part, dict):
        return {name: _without_marks(inner) for name, inner in part.items() if name != "x-spec-enum-id"}
    return [_without_marks(inner) for inner in part] if isinstance(part, list) else part


class AutoSchema(openapi.AutoSchema):
    """Writes down what a view declares: operations, parameters, body and answers."""

    view: ApiView  # type: ignore[override]

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Part:
        self.registry, self.method = registry, method
        self.path, self.path_regex, self.path_prefix = path, path_regex, path_prefix
        body = self._body()
        return {
            "operationId": self.operation.name + (".put" if self._repeats_patch else ""),
            "summary": self.operation.summary,
            "description": _description(self.view, self.operation),
            "tags": [self.operation.name.partition(".")[0]],
            "parameters": list(self._parameters()),
            **({"requestBody": body} if body else {}),
            "security": _security(self.view, self.operation),
            "responses": self._success() | self._refusals(),
        }

    @property
    def operation(self) -> Operation:
        return self.view.operations[self.method]

    def _parameters(self) -> Iterator[Part]:
        yield from (ref("parameters", name) for name in ("id", "external_id") if f"{{{name}}}" in self.path)
        if self.method == "GET":
            yield from self._query()
            yield ref("parameters", "If-None-Match")
        else:
            yield from (p for p in self._described() if p["name"] in self.view.identifying)
        if self.view.needs_credential:
            yield ref("parameters", "X-Agent-ID")
        if self.method == "POST":
            yield ref("parameters", "Idempotency-Key")
        if self.method != "GET":
            yield ref("parameters", "Prefer")
        if self.view.versioned and self.method in {"PUT", "PATCH"}:
            yield ref("parameters", "If-Match")
        yield ref("parameters", "X-Request-ID")

    def _query(self) -> Iterator[Part]:
        known, listing = self.view.parameters, self.view.listing
        yield from self._described()
        if listing and "sort" in known:
            sort = {"type": "string", "enum": list(listing.orders)}
            sort |= {"default": listing.default} if listing.default else {}  # A view has its own.
            yield {"name": "sort", "in": "query", "description": "`-` sorts downwards.", "schema": sort}
        if listing and "include" in known:
            yield _include(listing.includes)
        yield from (ref("parameters", name) for name in _LIST_PARAMETERS if name in known)

    def _described(self) -> Iterator[Part]:
        """The parameters that are no list's."""
        fields = self.view.query().fields.values() if self.view.query else ()
        for field in fields:
            schema = self._map_serializer_field(field, "request")  # type: ignore[no-untyped-call]
            description = schema.pop("description", "Has exactly this value.")
            # An object in this style is a parameter for each of its properties.
            style = {"style": "form", "explode": True} if schema.get("type") == "object" else {}
            yield {
                "name": field.field_name,
                "in": "query",
                "description": description,
                "schema": schema,
                **style,
            }

    @property
    def _repeats_patch(self) -> bool:
        return self.method == "PUT" and "PATCH" in self.view.operations

    def _body(self) -> Part | None:
        if self.view.body is None or self.method not in {"POST", "PUT", "PATCH"}:
            return None
        creates = self.method == "POST"
        accepted = self.view.body()
        # PUT and PATCH change only the fields sent. Where no field is required anyway, that is the same shape.
        accepted.partial = not creates and any(field.required for field in accepted.fields.values())
        content: Part = {"schema": self.resolve_serializer(accepted, "request").ref}
        if example := EXAMPLES.get(self.operation.name):
            content["example"] = example
        return {"required": creates, "content": dict.fromkeys(self.map_parsers(), content)}

    def _success(self) -> Part:
        if self.method == "DELETE":
            return {"204": self._empty("Deleted."), "200": _REHEARSED}
        shape = self.view.answers.get(self.method)
        answer = {
            "description": "Found." if self.method == "GET" else "Created." if self._creates else "Changed.",
            "headers": header_refs(*self._headers()),
            "content": {JSON: {"schema": self._envelope(shape)}} if shape else _FILE,
        }
        unchanged = {"304": ref("responses", "NotModified")} if "ETag" in answer["headers"] else {}
        if self._creates and self.view.upserts:
            known = {
                **answer,
                "headers": header_refs(*(name for name in self._headers() if name != "Location")),
            }
            return {
                "201": answer,
                "200": {**known, "description": "It was there already, and stays as it is."},
            }
        if self._creates:
            return {"201": answer, "200": _REHEARSED}
        minimal = {"204": self._empty("Changed, as `Prefer: return=minimal` asked.")}
        taken_in = {**answer, "description": "Created.", "headers": header_refs(*self._headers(), "Location")}
        created = {"201": taken_in} if self.method == "PUT" and self.view.upserts else {}
        changed = created | minimal if self.method in {"PUT", "PATCH"} else {}
        return {"200": answer} | unchanged | changed

    def _empty(self, description: str) -> Part:
        return {"description": description, "headers": header_refs(*ALWAYS, *WITH_CREDENTIAL)}

    def _headers(self) -> Iterator[str]:
        yield from ALWAYS
        if self.view.needs_credential:
            yield from WITH_CREDENTIAL
        if self.method == "GET":
            yield "ETag"
        if self._is_list:
            yield "Link"
        if self._creates:
            yield "Location"
        if self.method == "POST":
            yield "Idempotent-Replayed"
        if self.method != "GET":
            yield "Preference-Applied"

    @property
    def _creates(self) -> bool:
        return self.method == "POST" and self.view.creates

    @property
    def _is_file(self) -> bool:
        return self.method == "GET" and "GET" not in self.view.answers

    @property
    def _is_list(self) -> bool:
        return self.method == "GET" and "cursor" in self.view.parameters

    def _envelope(self, shape: Shape) -> Part:
        properties: Part = {
            "success": {"type": "boolean", "const": True},
            "data": self._data(shape),
            "meta": _PAGED if self._is_list else {"type": "object"},
            "linked": self._linked(),
        }
        if self._is_list:
            properties["links"] = ref("schemas", "Links")
        return {"type": "object", "properties": properties, "required": list(properties)}

    def _data(self, shape: Shape) -> Part:
        if isinstance(shape, list):
            return {"type": "array", "items": self._data(shape[0])}
        if isinstance(shape, tuple):
            return {"anyOf": [self._data(one) for one in shape]}
        return self.resolve_serializer(shape(), "response").ref

    def _linked(self) -> Part:
        includes = self.view.listing.includes if self.view.listing and self.method == "GET" else {}
        kinds = {
            kind: {"type": "object", "additionalProperties": self._data(shapes.LINKED[kind])}
            for kind in includes.values()
        }
        return {"type": "object", "properties": kinds} if kinds else {"type": "object"}

    def _refusals(self) -> Part:
        statuses = {400, 401, 403, 406, 429, 500, 503}
        statuses -= {406} if self._is_file else set()
        statuses |= {404} if "{" in self.path else set()
        statuses |= {409, 422} if self.method != "GET" else set()
        statuses |= {413, 415} if self.method in {"POST", "PUT", "PATCH"} else set()
        return {str(status): ref("responses", RESPONSES[status]) for status in sorted(statuses)}


# Any type; the first is what generators of clients understand.
_FILE: Part = {
    media: {"schema": {"type": "string", "format": "binary"}} for media in ("application/octet-stream", "*/*")
}
_REHEARSED: Part = {
    "description": "What would be, had the request not asked for a dry run.",
    "headers": header_refs(*ALWAYS, *WITH_CREDENTIAL, "Preference-Applied"),
    "content": {JSON: {"schema": ref("schemas", "Rehearsal")}},
}
_PAGED: Part = {
    "anyOf": [
        {
            "type": "object",
            "properties": {name: ref("schemas", schema)},
            "required": [name],
            "title": f"By {words}",
        }
        for name, schema, words in (
            ("pagination", "Pagination", "pages"),
            ("cursor", "CursorPosition", "cursor"),
        )
    ]
}


def _include(includes: Mapping[str, str]) -> Part:
    return {
        "name": "include",
        "in": "query",
        "description": "Adds the rows behind these ids to `linked`, each kind as far as the key may read it.",
        "schema": {"type": "array", "items": {"type": "string", "enum": sorted(includes)}},
        "style": "form",
        "explode": False,
    }


def _security(view: ApiView, operation: Operation) -> list[Part]:
    """Every kind of credential as an alternative. Of several scopes that would do, each is one more."""
    if not view.needs_credential:
        return []
    needed = operation.either or (operation.permission,)
    scopes = [[str(permission)] if permission else [] for permission in needed]
    schemes = ["bearer", "key"] if ADMINISTRATIVE.intersection(needed) else ["bearer", "key", "oauth"]
    return [{scheme: scope} for scheme in schemes for scope in scopes]


def _description(view: ApiView, operation: Operation) -> str:
    return " ".join(filter(None, [NOTES.get(operation.name), scope_sentence(view, operation)]))


def scope_sentence(view: ApiView, operation: Operation) -> str:
    if not view.needs_credential:
        return "Needs no credential."
    needed = operation.either or ((operation.permission,) if operation.permission else ())
    if not needed:
        return "Needs a valid credential and no scope."
    return f"Needs the scope {' or '.join(f'`{permission}`' for permission in needed)}."
