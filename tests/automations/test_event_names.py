"""The list of types that webhooks can choose from holds every type that the code records."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from automations import event_names, event_types
from tests.helpdesk.test_architecture import APPS, ROOT


def types_in(source: str) -> Iterator[str]:
    """The types that calls of `record` name in whole, and those that constants beside such a call are made of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("record") and len(node.args) > 1:
            for part in ast.walk(node.args[1]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def sources() -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def test_every_type_that_is_recorded_is_on_the_list() -> None:
    named = {name for path in sources() for name in types_in(path.read_text())}
    whole = {name for name in named if name.partition(".")[2].strip("_") and not name.startswith(".")}
    whole -= {
        name for name in whole if name.endswith("_")
    }  # The beginning of `ticket.reply_failed`, put together.
    assert len(whole) > 80
    assert whole - event_names.recorded() == set()


def test_what_the_form_offers_is_on_the_list() -> None:
    assert set(event_types.WORDS) - event_names.recorded() == set()
