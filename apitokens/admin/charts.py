"""Bars for a page without scripts: where each part of each bar stands, in whole units of the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from apitokens.usage import Outcomes

WIDTH, HEIGHT, GAP = 720, 160, 6


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    day: date
    outcomes: Outcomes
    x: int
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    most: int
    bar_width: int
    width: int = WIDTH
    height: int = HEIGHT


def bars(days: Mapping[date, Outcomes]) -> Chart:
    """One bar a day, of what was answered, refused and failed; the tallest fills the height."""
    most = max([outcomes.all for outcomes in days.values()], default=0)
    step = WIDTH // max(1, len(days))
    drawn = [
        Bar(day, outcomes, place * step, _parts(outcomes, most))
        for place, (day, outcomes) in enumerate(days.items())
    ]
    return Chart(drawn, most, step - GAP)


def _parts(outcomes: Outcomes, most: int) -> list[Part]:
    """From the ground up. What there is at all can be seen."""
    parts, y = [], HEIGHT
    for kind in ("answered", "refused", "failed"):
        if count := getattr(outcomes, kind):
            height = max(2, round(count * (HEIGHT - 4) / most))
            y -= height
            parts.append(Part(kind, max(0, y), height))
    return parts
