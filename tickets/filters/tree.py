"""What a filter says, as a tree. Its `str()` is a filter that parses to the same tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.filters.errors import FilterError


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part stands in what was typed. Two parts that say the same are equal wherever they stand."""

    position: int = field(default=0, compare=False, repr=False, kw_only=True)
    length: int = field(default=0, compare=False, repr=False, kw_only=True)

    def error(self, message: str) -> FilterError:
        return FilterError(message, self.position, self.length)


@dataclass(frozen=True, slots=True)
class Word(Span):
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase(Span):
    """Quoted words: they occur next to each other, and the last one as a whole."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Value(Span):
    """What stands behind a field's colon. What is quoted is a name, whatever it looks like."""

    text: str
    comparison: str = ""
    quoted: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else f"{self.comparison}{self.text}"


@dataclass(frozen=True, slots=True)
class Property(Span):
    """A field with the values of which one must hold."""

    name: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.name}:{','.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Not(Span):
    part: Part

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, All | Either) else f"-{self.part}"


@dataclass(frozen=True, slots=True)
class All(Span):
    """Everything must hold. Empty, it holds for every ticket."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either(Span):
    """One of two or more must hold."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Part = Word | Phrase | Property | Not | All | Either


def parts_of(tree: Part) -> Iterator[Part]:
    """The tree's leaves, from left to right."""
    match tree:
        case All() | Either():
            for part in tree.parts:
                yield from parts_of(part)
        case Not():
            yield from parts_of(tree.part)
        case _:
            yield tree
