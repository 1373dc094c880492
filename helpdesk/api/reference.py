"""The OpenAPI document as chapters for people to read: what `/api/docs` shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.api.errors import CODES
from accounts.models.helpdesk import RATES
from helpdesk.api.aliases import BASE
from helpdesk.api.components.parts import Part
from helpdesk.api.reasons import REASONS
from helpdesk.api.schema import document

_APART = {"Error", "Pagination", "CursorPosition", "Links"}
"""Shapes that the page explains in its own words."""


class Line(NamedTuple):
    """A parameter, a field of a body or of a shape."""

    name: str
    kind: SafeString
    required: bool
    description: SafeString


@dataclass(frozen=True, slots=True)
class OperationPage:
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: list[Line]
    body: list[Line]
    answer: SafeString
    statuses: list[str]
    curl: str

    @property
    def is_repeated(self) -> bool:
        """PUT does what PATCH does."""
        return self.id.endswith(".put")


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    description: str
    operations: list[OperationPage]


@dataclass(frozen=True, slots=True)
class ShapePage:
    name: str
    description: SafeString
    fields: list[Line]


@lru_cache(maxsize=1)
def page() -> dict[str, Any]:
    """Everything the template needs."""
    return {
        "site": settings.SITE_URL,
        "base": settings.SITE_URL + BASE,
        "rates": {plan.label: rate for plan, rate in RATES.items()},
        "reasons": [
            (status, CODES[status], [(name, prose(sentence)) for name, sentence in names.items()])
            for status, names in REASONS.items()
        ],
        "chapters": chapters(),
        "shapes": shapes(),
    }


@lru_cache(maxsize=1)
def chapters() -> list[Chapter]:
    """The operations by resource, in the order of the document."""
    operations = [
        (operation["tags"][0], _operation(path, method, operation))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        Chapter(tag["name"], tag["description"], [page for name, page in operations if name == tag["name"]])
        for tag in document()["tags"]
    ]


def shapes() -> list[ShapePage]:
    """What answers are made of, and what bodies hold below their first level."""
    schemas = document()["components"]["schemas"]
    # A body that is a part of another, too, is shown once more, for the other to point at.
    hidden = _APART | (_bodies() - _parts(schemas))
    return [
        ShapePage(name, prose(schema.get("description", "")), _fields(schema))
        for name, schema in sorted(schemas.items())
        if name not in hidden
    ]


def prose(text: str) -> SafeString:
    """Text with `code` in backticks, as HTML."""
    pieces = text.split("`")
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", piece) if n % 2 else piece,) for n, piece in enumerate(pieces)),
    )


def _parts(schemas: Part) -> set[str]:
    """The shapes that fields of other shapes point at."""
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schemas)))


def _bodies() -> set[str]:
    """The shapes that are bodies: they are shown with their operations."""
    contents = (
        operation.get("requestBody", {}).get("content", {})
        for methods in document()["paths"].values()
        for operation in methods.values()
    )
    return {_name(content["schema"]) for by_type in contents for content in by_type.values()}


def _operation(path: str, method: str, operation: Part) -> OperationPage:
    content = operation.get("requestBody", {}).get("content", {})
    schema = next((_resolved(by_type["schema"]) for by_type in content.values()), {})
    return OperationPage(
        id=operation["operationId"],
        method=method.upper(),
        path=BASE + path,
        summary=operation["summary"],
        description=prose(operation["description"]),
        parameters=[_parameter(_resolved(parameter)) for parameter in operation["parameters"]],
        body=_fields(schema),
        answer=_answer(operation["responses"]),
        statuses=[status for status in operation["responses"] if status >= "3"],
        curl=_curl(path, method.upper(), operation, content),
    )


def _parameter(parameter: Part) -> Line:
    place = "" if parameter["in"] == "query" else f" ({parameter['in']})"
    kind = format_html("{}{}", _kind(parameter["schema"]), place)
    description = prose(parameter["description"])
    if "default" in parameter["schema"]:
        description = format_html("{} Default: <code>{}</code>.", description, parameter["schema"]["default"])
    return Line(parameter["name"], kind, parameter.get("required", False), description)


def _fields(schema: Part) -> list[Line]:
    required = schema.get("required", [])
    return [
        Line(name, _kind(field), name in required, prose(field.get("description", "")))
        for name, field in schema.get("properties", {}).items()
    ]


def _answer(responses: Part) -> SafeString:
    """Which success it is, and with what as `data`."""
    status = next(status for status in responses if status.startswith("2"))
    content = responses[status].get("content", {})
    if "application/json" in content:
        data = content["application/json"]["schema"]["properties"]["data"]
        return format_html("<code>{}</code>, <code>data</code>: {}", status, _kind(data))
    return format_html("<code>{}</code>, {}", status, "the file" if content else "no body")


def _kind(schema: Part) -> SafeString:
    """A type in words, with links to shapes."""
    if "$ref" in schema:
        name = _name(schema)
        return format_html('<a href="#shape-{0}">{0}</a>', name)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return format_html_join(" or ", "{}", ((_kind(one),) for one in schema[several]))
    if "enum" in schema:
        words = ("null" if value is None else value for value in schema["enum"])
        return format_html_join(" · ", "<code>{}</code>", ((word,) for word in words))
    types = schema.get("type", "value")
    return _joined([types] if isinstance(types, str) else types, schema)


def _joined(types: list[str], schema: Part) -> SafeString:
    return format_html_join(" or ", "{}", ((_plain(name, schema),) for name in types))


def _plain(name: str, schema: Part) -> SafeString:
    if name == "array":
        return format_html("list of {}", _kind(schema["items"]))
    if name == "object" and "additionalProperties" in schema and "properties" not in schema:
        return format_html("map of {}", _kind(schema["additionalProperties"]))
    words = {"date-time": "time", "email": "e-mail address", "uri": "address", "binary": "file"}
    if name == "string":
        return format_html("{}", words.get(schema.get("format", ""), "text"))
    return format_html("{}", {"integer": "number", "boolean": "true or false"}.get(name, name))


def _curl(path: str, method: str, operation: Part, content: Part) -> str:
    """A call to copy. `$KEY` is the caller's to set."""
    lines = ["curl" if method == "GET" else f"curl -X {method}"]
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $KEY"')
    if "multipart/form-data" in content:
        lines.append("-F file=@label.pdf")
    elif content:
        example = content["application/json"]["example"]
        body = json.dumps(example, ensure_ascii=False)
        if len(body) > 80:
            body = json.dumps(example, ensure_ascii=False, indent=2)
        lines += ['-H "Content-Type: application/json"', f"-d {_quoted(body)}"]
    if path.endswith("/download"):
        lines.append("-OJ")
    url = f"{settings.SITE_URL}{BASE}{path}".replace("{id}", "1").replace("{external_id}", "shop-4711")
    return " \\\n  ".join([f'{lines[0]} "{url}"', *lines[1:]])


def _quoted(text: str) -> str:
    """Between single quotes for a shell."""
    return "'{}'".format(text.replace("'", "'\\''"))


def _name(schema: Part) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def _resolved(part: Part) -> Part:
    if "$ref" not in part:
        return part
    section, name = part["$ref"].split("/")[-2:]
    found: Part = document()["components"][section][name]
    return found
