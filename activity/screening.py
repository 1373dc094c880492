"""Text is looked at before it is stored: `screened()` asks whoever has registered to look for what must not be kept.

Verbs call it with the values that they are about to store. What the screener has to say about them it records in the
verb's own transaction: what was changed in the text, and what follows from that, are one fact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from activity.actor import Actor

Said = str | bytes
Screener = Callable[[list[Said], Actor, dict[str, Any]], list[Said]]
"""Takes what somebody wants to store, who he is, and facts that say where. Returns what may be stored, in order."""

V = TypeVar("V")

_screeners: list[Screener] = []


def register(screener: Screener) -> None:
    _screeners.append(screener)


def screened(value: V, *, actor: Actor, **where: Any) -> V:
    """The value (text, a file's content, or lists and dicts that hold such) as it may be stored.

    `where` are facts for the history: the kind of row, and its id or that of the ticket that it belongs to.
    """
    texts: list[Said] = []
    _gather(value, texts)
    if not texts:
        return value
    kept = texts
    for screener in _screeners:
        kept = screener(kept, actor, where)
    if kept == texts:
        return value
    exchanged: V = _exchanged(value, iter(kept))
    return exchanged


def screen(row: models.Model, *, actor: Actor, **where: Any) -> None:
    """Screen all text of a row that is about to be stored."""
    fields = [field.attname for field in row._meta.concrete_fields if _holds_text(field)]
    values = {name: getattr(row, name) for name in fields}
    kind = str(row._meta.model_name)
    about = {"where": kind, **({kind: row.pk} if row.pk else {}), **where}
    for name, value in screened(values, actor=actor, **about).items():
        if value is not values[name]:
            setattr(row, name, value)


def _holds_text(field: Any) -> bool:
    column = field.base_field if isinstance(field, ArrayField) else field
    text = isinstance(column, models.CharField | models.TextField | models.JSONField)
    return text and not isinstance(column, models.FileField) and not column.choices


def _gather(value: Any, texts: list[Said]) -> None:
    match value:
        case str() | bytes():
            texts.append(value)
        case dict():
            for inner in value.values():
                _gather(inner, texts)
        case list() | tuple():
            for inner in value:
                _gather(inner, texts)


def _exchanged(value: Any, kept: Any) -> Any:
    """The value with its texts exchanged for the kept ones, in the order in which they were gathered."""
    match value:
        case str() | bytes():
            return next(kept)
        case dict():
            return {name: _exchanged(inner, kept) for name, inner in value.items()}
        case list() | tuple():
            return [_exchanged(inner, kept) for inner in value]
    return value
