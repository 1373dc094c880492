"""What the OpenAPI document says of an operation, and whether an answer is as it says."""

from __future__ import annotations

from typing import Any

from openapi_schema_validator import OAS31Validator

from helpdesk.api.schema import document
from helpdesk.api.urls import paths

ROUTES = {
    ("/" + path, method.lower()): (view, view.operations[method])
    for path, view in paths()
    for method in view.operations
}


def described() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def parameters(path: str, method: str) -> list[dict[str, Any]]:
    return [resolved(parameter) for parameter in described()[path, method]["parameters"]]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    section, name = part["$ref"].split("/")[-2:]
    found: dict[str, Any] = document()["components"][section][name]
    return found


SOMETIMES = {"Idempotent-Replayed", "Preference-Applied"}
"""Headers that answer what a request asked for."""


def check_answer(operation: dict[str, Any], answer: Any) -> None:
    """Status, headers and body are among what the document promises."""
    described_answer = resolved(operation["responses"][str(answer.status_code)])
    promised = described_answer["headers"]
    missing = {name for name in promised if name not in answer.headers} - SOMETIMES
    assert not missing or answer.status_code >= 400
    own = {
        n
        for n in answer.headers
        if n.startswith(("X-R", "X-S", "X-A", "ETag", "Link", "Loc", "Retry", "WWW"))
    }
    assert answer.status_code >= 400 or own <= set(promised)
    if content := described_answer.get("content", {}).get("application/json"):
        check(content["schema"], answer.json(), answer.request["PATH_INFO"])


def check(schema: dict[str, Any], value: Any, what: str) -> None:
    """The value fits the schema, and holds nothing that the schema does not name."""
    whole = {"components": closed(document()["components"]), **closed(schema)}
    errors = [f"{e.json_path}: {e.message}" for e in OAS31Validator(whole).iter_errors(value)]
    assert not errors, f"{what}: {errors}"


def closed(part: Any) -> Any:
    if isinstance(part, list):
        return [closed(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    inner = {name: closed(value) for name, value in part.items()}
    return {"additionalProperties": False} | inner if "properties" in part else inner
