"""Which values fit a custom field of each kind, and the one form in which each is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.numbers import grouped

Value = str | int | float | bool | list[str]
"""As JSON has it: a date is text such as 2026-11-22."""

MAX_TEXT = 1_000
MAX_DIGITS = 15
"""As many as every program keeps exactly, also one that knows no numbers but doubles."""
LISTED = 20
"""How many choices a sentence names."""


class Unfit(ValueError):
    """A value does not fit. Says what would, as the second half of a sentence."""


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    MULTI_CHOICE = "multi_choice", _("Several choices")
    BOOLEAN = "boolean", _("Yes or no")
    URL = "url", _("URL")


def fitting(kind: str, value: Any, choices: Sequence[str]) -> Value | None:
    """The value as it is stored; None where it is empty. Raises Unfit."""
    return _FITTING[FieldKind(kind)](value, choices)


def read(kind: str, text: str) -> Any:
    """What somebody typed, as a value to be tried with `fitting`. Raises Unfit."""
    typed = text.strip()
    match kind:
        case FieldKind.NUMBER if typed:
            return _number_from(typed)
        case FieldKind.BOOLEAN if typed:
            return _boolean_from(typed)
        case FieldKind.MULTI_CHOICE:
            return [typed] if typed else []
    return typed or None


def _text(value: Any, _choices: Sequence[str]) -> str | None:
    if not isinstance(value, str):
        raise Unfit(_t("give a text"))
    line = value.strip()
    if len(line) > MAX_TEXT:
        raise Unfit(_t("give a text of at most %(most)s characters") % {"most": grouped(MAX_TEXT)})
    if any(category(character) in {"Cc", "Cs"} for character in line):
        raise Unfit(_t("give a text of one line without control characters"))
    return line or None


def _number(value: Any, _choices: Sequence[str]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(_t("give a number"))
    if not abs(value) < 10**MAX_DIGITS:  # What is no number at all, such as NaN, is not below it either.
        raise Unfit(_t("give a number of at most %(most)s digits") % {"most": MAX_DIGITS})
    exact = value if isinstance(value, int) else float(f"{value:.{MAX_DIGITS}g}")
    return int(exact) if exact == int(exact) else exact


def _number_from(typed: str) -> int | float:
    if not re.fullmatch(r"[-+]?[0-9]{1,20}(\.[0-9]{1,20})?", typed, re.ASCII):
        raise Unfit(_t("give a number such as 42 or -0.5"))
    return float(typed) if "." in typed else int(typed)


def _date(value: Any, _choices: Sequence[str]) -> str | None:
    if value == "":
        return None
    known = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII)
    try:
        return date.fromisoformat(value if known else "").isoformat()
    except ValueError:
        raise Unfit(_t("give a day such as 2026-11-22")) from None


def _choice(value: Any, choices: Sequence[str]) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or value not in choices:
        raise Unfit(_t("choose one of: %(choices)s") % {"choices": named(choices)})
    return value


def _choices(value: Any, choices: Sequence[str]) -> list[str] | None:
    """In the order of the choices, each once."""
    if not isinstance(value, list) or any(not isinstance(one, str) or one not in choices for one in value):
        raise Unfit(_t("give a list of some of: %(choices)s") % {"choices": named(choices)})
    return [choice for choice in choices if choice in value] or None


def named(choices: Sequence[str]) -> str:
    first, more = ", ".join(choices[:LISTED]), len(choices) - LISTED
    return _t("%(first)s and %(count)s others") % {"first": first, "count": more} if more > 0 else first


def _boolean(value: Any, _choices: Sequence[str]) -> bool:
    if not isinstance(value, bool):
        raise Unfit(_t("give true or false"))
    return value


def _boolean_from(typed: str) -> bool:
    words = {"yes": True, "true": True, "no": False, "false": False}
    if typed.lower() not in words:
        raise Unfit(_t("say yes or no"))
    return words[typed.lower()]


def _url(value: Any, choices: Sequence[str]) -> str | None:
    line = _text(value, choices)
    if line is None:
        return None
    try:
        URLValidator(schemes=["http", "https"])(line)
    except ValidationError:
        raise Unfit(_t("give an address such as https://shop.example/orders/1042")) from None
    if urlsplit(line).username is not None:
        raise Unfit(_t("give an address without a name or password before the @"))
    return line


_FITTING: dict[FieldKind, Callable[[Any, Sequence[str]], Value | None]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.URL: _url,
}
