"""What the people of the demo write: topics and manners of speech, one TOML file for each language.

Every text is Markdown with `{placeholders}`, which `helpdesk.demo.details` fills.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILES = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}


@dataclass(frozen=True, slots=True)
class Topic:
    """Something people write about, and the team that answers."""

    team: str
    tags: list[str]
    weight: int
    openings: list[tuple[str, str]]
    """A subject and the first message that belongs to it."""
    exchanges: list[tuple[str, str]]
    """What an agent asks, and what the contact answers."""
    solutions: list[str]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Manners:
    """How people are called in a language, how messages begin and end, and what fits every topic."""

    first_names: list[str]
    last_names: list[str]
    hello: list[str]
    goodbye: list[str]
    asides: list[str]
    agent_hello: list[str]
    agent_goodbye: list[str]
    thanks: list[str]
    complaints: list[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    manners: Manners
    topics: list[Topic]


@cache
def phrases(language: str) -> Phrases:
    """Everything said in a language: `en`, `de`, `fr` or `es`."""
    text = Path(__file__).with_name(f"{FILES[language]}.toml").read_text(encoding="utf-8")
    tables: dict[str, Any] = tomllib.loads(text)
    return Phrases(Manners(**tables["manners"]), [Topic(**topic) for topic in tables["topics"]])
