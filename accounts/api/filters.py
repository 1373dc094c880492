"""Filters of lists: a closed table each, nothing of the request reaches the ORM unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from django.db.models import Q
from rest_framework.request import Request

from accounts.api.errors import ApiError
from activity.actor import Actor

Filter = Callable[[str, str, Actor], Q]
"""Name of the parameter, its text, who asks → the condition. Raises ApiError 400."""


def condition(request: Request, actor: Actor, table: Mapping[str, Filter]) -> Q:
    """All filters of the query string together."""
    together = Q()
    for name, text in request.query_params.dict().items():
        if name in table:
            if "\x00" in text:
                raise wrong(name, f"{name} must not hold NUL.")
            together &= table[name](name, text, actor)
    return together


def equals(column: str, fold: Callable[[str], str] = str.strip) -> Filter:
    """Has exactly this value, after `fold` made it what is stored."""
    return lambda name, text, actor: Q(**{column: fold(text)})


def row(column: str) -> Filter:
    """Belongs to the row with this id, or with `none` to none."""

    def filter_row(name: str, text: str, actor: Actor) -> Q:
        return Q(**{column: None}) if text == "none" else Q(**{column: number(name, text, "an id or none")})

    return filter_row


def owner(column: str) -> Filter:
    """Belongs to the row with this id."""
    return lambda name, text, actor: Q(**{column: number(name, text)})


def choice(column: str, values: Collection[str]) -> Filter:
    def filter_choice(name: str, text: str, actor: Actor) -> Q:
        if text not in values:
            raise wrong(name, f"{name} must be one of: {', '.join(values)}.")
        return Q(**{column: text})

    return filter_choice


def flag(column: str) -> Filter:
    def filter_flag(name: str, text: str, actor: Actor) -> Q:
        if text not in {"true", "false"}:
            raise wrong(name, f"{name} must be true or false.")
        return Q(**{column: text == "true"})

    return filter_flag


def number(name: str, text: str, form: str = "an id") -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise wrong(name, f"{name} must be {form}.")
    return int(text)


def wrong(parameter: str, message: str) -> ApiError:
    return ApiError(400, "invalid_parameter", message, parameter=parameter)
