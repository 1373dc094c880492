"""The catalogues: what is shipped is what was written, and fits what it stands for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from helpdesk.management.commands.messages import CATALOGS, as_mo, gathered, is_translated, read

PLACES = sorted(CATALOGS.glob("*/LC_MESSAGES/django.po"))
_PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd]|\{[a-z]+\}|</?[a-z]+")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.parts[-3])
def test_what_is_shipped_is_what_was_written(place: Path) -> None:
    catalog = read(place)
    assert place.with_suffix(".mo").read_bytes() == as_mo(catalog)
    assert [message.id for message in catalog if message.fuzzy] == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.parts[-3])
def test_a_translation_has_the_same_blanks_to_fill_in(place: Path) -> None:
    for message in read(place):
        if message.id and is_translated(message):
            for original, translated in zip(_forms(message.id), _forms(message.string), strict=True):
                assert _blanks(translated) == _blanks(original), original
                assert translated.startswith("\n") == original.startswith("\n"), original


def test_strings_are_found_in_code_and_templates() -> None:
    found = gathered()
    assert "Forgot your password?" in found  # In a template.
    assert ("%d day", "%d days") in [message.id for message in found]  # In code, with its plural.
    assert "%(name)s is here" in found  # Values of a template.


def _forms(text: Any) -> list[str]:
    """The forms of a plural, or the one text that there is."""
    return [text] if isinstance(text, str) else list(text)


def _blanks(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))
