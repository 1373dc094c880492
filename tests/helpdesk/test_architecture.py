"""Rules of the code that no import contract can state."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ("activity", "accounts", "apitokens", "tickets", "orders", "automations", "helpdesk")

WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "asave",
    "acreate", "aupdate", "adelete", "set", "add", "remove", "clear", "save_form_data",
}  # fmt: skip
VERBS = {
    "actions",
    "people",
    "configure",
    "super",
    "self",
    "session",
    "cache",
    "context",
    "headers",
    "messages",
}
"""What a door may call such a method on: verbs, and what is not a model."""


def doors() -> Iterator[Path]:
    """The modules through which somebody comes in."""
    for app in APPS:
        for pattern in ("views.py", "views/**/*.py", "api/**/*.py", "admin.py", "admin/**/*.py"):
            yield from (ROOT / app).glob(pattern)


def writes(source: str) -> Iterator[tuple[int, str]]:
    """Calls that look like writing to a model: `row.save()`, `rows.update(…)`, `Model.objects.create(…)`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in WRITES and _is_a_row(node.func.value):
            yield node.lineno, ast.unparse(node.func)


def _is_a_row(value: ast.expr) -> bool:
    text = ast.unparse(value)
    if "objects" in text or "policy." in text or "visible" in text:
        return True
    first = text.split(".")[0].split("(")[0]
    return first not in VERBS and not isinstance(value, ast.Set | ast.Dict | ast.Constant)


@pytest.mark.parametrize("door", sorted(doors()), ids=lambda path: str(path.relative_to(ROOT)))
def test_doors_never_write(door: Path) -> None:
    found = [f"line {line}: {call}" for line, call in writes(door.read_text())]
    assert found == [], "A door wrote to a model. Call a verb in `actions` instead."


def test_the_rule_itself_can_fail() -> None:
    bad = "ticket = policy.visible(actor).get(pk=1)\nticket.subject = 'x'\nticket.save()\n"
    assert list(writes(bad)) == [(3, "ticket.save")]
    assert list(writes("Ticket.objects.filter(pk=1).update(subject='x')"))
    assert not list(writes("actions.update(ticket, actor=actor)"))


def test_there_are_doors_to_guard() -> None:
    assert len(list(doors())) > 10


def test_html_lies_in_the_top_level_templates() -> None:
    assert not [p for app in APPS for p in (ROOT / app).rglob("*.html")]
