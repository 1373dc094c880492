"""Custom fields of every kind, and what answers say of their values."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "note": {"kind": "text", "label": "Note"},
    "amount": {"kind": "number", "label": "Amount"},
    "due": {"kind": "date", "label": "Due"},
    "color": {"kind": "choice", "label": "Color", "choices": ["Red", "Green", "Blue"]},
    "sizes": {"kind": "multi_choice", "label": "Sizes", "choices": ["S", "M", "L"]},
    "vip": {"kind": "boolean", "label": "VIP"},
    "page": {"kind": "url", "label": "Page"},
}


def filled(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.content
    values: dict[str, Any] = answer.json()["data"]["custom_fields"]
    return values


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {path: found[0]["message"] for path, found in answer.json()["error"]["fields"].items()}
