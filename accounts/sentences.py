"""Sentences that are written down now and read later, by others: each is told in the language of whoever reads it.

Where sentences may come to be kept (the refusals of verbs, what became of a request), `_` is the `gettext` of this
module: a translated string that remembers what it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

Kept = dict[str, Any]
"""`say`, the sentence as the code has it (or singular and plural, with `n`), and `with`, what is filled in: plain
values, or sentences again. It can be stored as JSON."""


class Sentence(str):
    __slots__ = ("kept",)

    kept: Kept

    def __mod__(self, values: Any) -> Sentence:
        text = super().__mod__(values)
        if not isinstance(values, Mapping):
            return _made(text, {"say": text})
        return _made(text, self.kept | {"with": {name: _kept(value) for name, value in values.items()}})


def gettext(message: str) -> Sentence:
    return _made(translation.gettext(message), {"say": message})


def ngettext(singular: str, plural: str, number: int) -> Sentence:
    said = translation.ngettext(singular, plural, number)
    return _made(said, {"say": [singular, plural], "n": number})


def keep(sentence: str) -> Kept:
    """What can be stored of a sentence. One that remembers nothing is told as it is."""
    return sentence.kept if isinstance(sentence, Sentence) else {"say": str(sentence)}


def tell(kept: Kept) -> str:
    """The sentence again, in the language of this moment."""
    match kept["say"]:
        case "":
            return ""
        case [singular, plural]:
            said = translation.ngettext(singular, plural, kept["n"])
        case message:
            said = translation.gettext(message)
    values = {
        name: tell(value) if isinstance(value, dict) else value
        for name, value in kept.get("with", {}).items()
    }
    return said % values if values else said


def in_english(kept: Kept) -> str:
    """As programs read it, and logs."""
    with translation.override("en"):
        return tell(kept)


def _made(text: str, kept: Kept) -> Sentence:
    sentence = Sentence(text)
    sentence.kept = kept
    return sentence


def _kept(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.kept
    if isinstance(value, Promise):
        with translation.override("en"):
            return {"say": str(value)}
    return value if isinstance(value, int | float) else str(value)
