"""What the admin's home tells at a glance. Each app adds its own cards; what they count exists for who looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from activity.actor import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its name, or a thing with what there is to say about it. Leads somewhere, if there is a url."""

    name: str
    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    lines: list[Line] = field(default_factory=list)
    otherwise: str = ""
    """What is said when there is no line."""


Maker = Callable[[Actor], Card | None]

_makers: list[Maker] = []


def card(maker: Maker) -> Maker:
    """Register a card: None for whom it is none of his business."""
    _makers.append(maker)
    return maker


def cards(actor: Actor) -> list[Card]:
    return [made for make in _makers if (made := make(actor)) is not None]
