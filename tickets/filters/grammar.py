"""The grammar of filters: from what somebody typed to a tree, in one pass from left to right.

filter = all {"OR" all}                     tag:a tag:b OR tag:c   (both a and b, or c)
all    = term {term}                        status:open refund     (both)
term   = ["-"] (group | field | phrase | word)
group  = "(" filter ")"
field  = name ":" value {"," value}         status:open,pending    (either)   field.color:red
value  = quoted | [comparison] plain        team:"Second level"  updated:>7d
phrase = quoted                             "lost parcel"
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from accounts.sentences import gettext as _
from tickets.filters.errors import FilterError
from tickets.filters.tree import All, Either, Not, Part, Phrase, Property, Value, Word

MAX_LENGTH = 500
MAX_TERMS = 40
"""Words, phrases and values of one filter."""
MAX_DEPTH = 8

OWN = "field."
"""What the names of custom fields begin with. Which of these there are, the grammar does not know."""

_NAME = re.compile(r"([Ff][Ii][Ee][Ll][Dd]\.[A-Za-z0-9_]+|[A-Za-z_]+):", re.ASCII)
_COMPARISON = re.compile(r"[<>]=?")


def parse(typed: str, fields: Collection[str]) -> Part:
    """The tree of a filter whose properties are among `fields`. Raises FilterError."""
    try:
        return _Parser(typed, fields).filter()
    except FilterError as error:
        error.typed = typed
        raise


class _Parser:
    """Reads each character once: what has been read is never looked at again."""

    def __init__(self, typed: str, fields: Collection[str]) -> None:
        self.typed, self.fields = typed, fields
        self.at, self.depth, self.terms = 0, 0, 0

    def filter(self) -> Part:
        if len(self.typed) > MAX_LENGTH:
            message = _("A filter may have at most %(most)s characters; this one has %(count)s.") % {
                "most": MAX_LENGTH,
                "count": len(self.typed),
            }
            raise FilterError(message, MAX_LENGTH, len(self.typed) - MAX_LENGTH)
        for position, character in enumerate(self.typed):
            if character == "\x00" or "\ud800" <= character <= "\udfff":
                raise FilterError(_("This character cannot occur in a text."), position, 1)
        self._skip_space()
        return self._either() if self._more else All(())

    @property
    def _more(self) -> bool:
        return self.at < len(self.typed)

    @property
    def _next(self) -> str:
        return self.typed[self.at : self.at + 1]

    def _skip_space(self) -> None:
        while self._next.isspace():
            self.at += 1

    def _ends(self, position: int) -> bool:
        """Does a word end before this character? A parenthesis ends it only where one is open."""
        character = self.typed[position : position + 1]
        return not character or character.isspace() or (character == ")" and self.depth > 0)

    def _either(self) -> Part:
        parts = [self._all()]
        while self._at_or():
            self._take_or()
            parts.append(self._all())
        flat = [inner for part in parts for inner in (part.parts if isinstance(part, Either) else [part])]
        return flat[0] if len(flat) == 1 else Either(tuple(flat))

    def _all(self) -> Part:
        parts: list[Part] = []
        self._skip_space()
        while self._more and not self._at_or() and not (self._next == ")" and self.depth):
            part = self._term()
            parts.extend(part.parts if isinstance(part, All) else [part])
            self._skip_space()
        if not parts:
            raise self._nothing_here()
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _nothing_here(self) -> FilterError:
        if self._at_or():
            return FilterError(
                _("Something must stand before OR. To look for the word, write “or”."), self.at, 2
            )
        return FilterError(_("Something is missing here."), self.at, len(self._next))

    def _at_or(self) -> bool:
        return self.typed.startswith("OR", self.at) and self._ends(self.at + 2)

    def _take_or(self) -> None:
        start = self.at
        self.at += 2
        self._skip_space()
        if not self._more or self._next == ")":
            raise FilterError(
                _("Something must stand behind OR. To look for the word, write “or”."), start, 2
            )

    def _term(self) -> Part:
        start = self.at
        if self._next != "-" or self._ends(start + 1):
            return self._plain()
        self.at += 1
        part = self._plain()
        # To deny twice is to say it.
        return part.part if isinstance(part, Not) else Not(part, position=start, length=self.at - start)

    def _plain(self) -> Part:
        if self._next == "(":
            return self._group()
        self._count()
        if self._next == ")":
            raise FilterError(_("This parenthesis closes nothing."), self.at, 1)
        if self._next == '"':
            start, text = self.at, self._quoted()
            return Phrase(text, position=start, length=self.at - start)
        return self._property() or self._word()

    def _group(self) -> Part:
        start = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FilterError(_("Parentheses may be nested %(most)s deep.") % {"most": MAX_DEPTH}, start, 1)
        self.at += 1
        inner = self._either()
        if self._next != ")":
            raise FilterError(_("This parenthesis is never closed."), start, 1)
        self.at += 1
        self.depth -= 1
        return inner

    def _property(self) -> Property | None:
        """A field with its values; None where the text with a colon is no more than a word."""
        start, found = self.at, _NAME.match(self.typed, self.at)
        if found is None:
            return None
        name = found[1].lower()
        if name not in self.fields and not name.startswith(OWN):
            if self._ends(found.end()) or self.typed.startswith("//", found.end()):
                return None  # “Re: lost parcel”, or an address of the web.
            raise FilterError(unknown(name, self.fields), start, len(name))
        self.at = found.end()
        values = [self._value(name)]
        while self._next == ",":
            self.at += 1
            self._count()
            values.append(self._value(name))
        return Property(name, tuple(values), position=start, length=self.at - start)

    def _value(self, name: str) -> Value:
        start = self.at
        if self._next == '"':
            text = self._quoted()
            if not self._ends(self.at) and self._next != ",":
                raise FilterError(_("Put a space behind the quotation mark."), self.at, 1)
            return Value(text, quoted=True, position=start, length=self.at - start)
        comparison = _COMPARISON.match(self.typed, start)
        begins = comparison.end() if comparison else start
        while not self._ends(self.at) and self._next != ",":
            self.at += 1
        if self.at == begins:
            raise FilterError(
                _("Say which %(field)s, without a space behind the colon.") % {"field": name}, self.at, 0
            )
        return Value(
            self.typed[begins : self.at],
            comparison[0] if comparison else "",
            position=start,
            length=self.at - start,
        )

    def _quoted(self) -> str:
        start = self.at
        end = self.typed.find('"', start + 1)
        if end < 0:
            raise FilterError(_("This quotation mark is never closed."), start, 1)
        self.at = end + 1
        return self.typed[start + 1 : end]

    def _word(self) -> Word:
        start = self.at
        while not self._ends(self.at):
            self.at += 1
        return Word(self.typed[start : self.at], position=start, length=self.at - start)

    def _count(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise FilterError(
                _("A filter may have at most %(most)s terms.") % {"most": MAX_TERMS}, self.at, 1
            )


def unknown(name: str, fields: Collection[str]) -> str:
    bare = {field.removeprefix(OWN): field for field in fields}  # What all begin with makes none alike.
    close = difflib.get_close_matches(name.removeprefix(OWN), bare, 1)
    hint = (
        _("Did you mean %(field)s:?") % {"field": bare[close[0]]}
        if close
        else _("There are: %(fields)s.") % {"fields": ", ".join(fields)}
    )
    return _("There is no field “%(name)s”. %(hint)s To look for the words, put them in quotation marks.") % {
        "name": name,
        "hint": hint,
    }
