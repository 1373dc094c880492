from __future__ import annotations

from dataclasses import dataclass


@dataclass
class FilterError(ValueError):
    """A filter that cannot be understood or means nothing here, with the place in it that is at fault.

    `position` counts characters from 0; `length` is 0 where something is missing.
    """

    message: str
    position: int
    length: int
    typed: str = ""
    """The whole filter; filled in by whoever knows it."""

    def __str__(self) -> str:
        return self.message

    @property
    def before(self) -> str:
        return self.typed[: self.position]

    @property
    def marked(self) -> str:
        return self.typed[self.position : self.position + self.length]

    @property
    def after(self) -> str:
        return self.typed[self.position + self.length :]

    @property
    def excerpt(self) -> str:
        """The filter with the place marked: `status:»opne« tag:refund`. Cut where it is long."""
        before, marked, after = self.before[-60:], self.marked[:60], self.after[:60]
        return f"{before}»{marked}«{after}"
