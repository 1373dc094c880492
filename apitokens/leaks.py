"""Finding secrets of keys in what people write, however they are wrapped, and blacking them out.

The prefix says where one may begin and its checksum whether it is one; only then is the database asked. Between its
characters may stand what mail programs, editors and browsers put there: spaces and line ends, soft line breaks, the
marks of quoted mail, invisible characters, Markdown's stars and backslashes, HTML tags and entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apitokens import secrets

_LENGTH = 42
_MARKUP_LIMIT = 1024 * 1024
"""Bytes of a file up to which it is read as HTML, too."""

_TAG = r"<[^<>]*>|&[#0-9A-Za-z]{1,31};"
_UNDERSCORE = r"(?:_|[%=]5[Ff]|&#95;|&#[xX]5[fF];|&lowbar;)"
# Possessive, so that every character is looked at once, whatever somebody sends.
_BETWEEN = (r"[^0-9A-Za-z_]*+", rf"(?:[^0-9A-Za-z_<&]|{_TAG}|[<&])*+")
_LETTERS = {prefix: prefix.rstrip("_") for prefix in secrets.PREFIXES}


def _pattern(prefix: str, between: str) -> re.Pattern[str]:
    letters = between.join(_LETTERS[prefix])
    # Looking ahead takes no text away from the next match, which may begin within this one.
    return re.compile(
        rf"(?=({letters}(?:{_UNDERSCORE}|{between}{_UNDERSCORE})(?:{between}[0-9A-Za-z]){{38}}))"
    )


_PATTERNS = [(prefix, [_pattern(prefix, between) for between in _BETWEEN]) for prefix in secrets.PREFIXES]
_PART = re.compile(rf"{_TAG}|{_UNDERSCORE}|.", re.DOTALL)
_PLAIN_PART = re.compile(rf"{_UNDERSCORE}|.", re.DOTALL)
_WORDS = bytes(c for c in range(256) if chr(c) not in secrets.ALPHABET + "_")


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret in a text, and where each of its characters stands: (start, end)."""

    secret: str
    places: tuple[tuple[int, int], ...]


def find(said: str | bytes) -> list[Leak]:
    """Everything in it that is put together as a secret is."""
    if isinstance(said, bytes):
        return _find_in_file(said)
    return list(_find(said, markup="<" in said or "&" in said)) if len(said) >= _LENGTH else []


def masked(said: str | bytes, leaks: Iterable[Leak]) -> str | bytes:
    """Without these secrets: of each, the prefix and the last four characters stay. A file keeps its length."""
    if isinstance(said, bytes):
        return _masked_file(said, leaks)
    return _masked_text(said, leaks)


def mask(text: str) -> str:
    """Without anything that could be a secret, whether or not it is one."""
    return secrets.mask(_masked_text(text, find(text)))


def _find(text: str, *, markup: bool) -> Iterator[Leak]:
    seen: set[tuple[int, int]] = set()
    for prefix, patterns in _PATTERNS:
        for pattern, part in zip(patterns, (_PLAIN_PART, _PART), strict=True):
            if part is _PART and not markup:
                continue
            for match in pattern.finditer(text):
                leak = _leak(prefix, match, part)
                if secrets.is_well_formed(leak.secret) and leak.places[-1] not in seen:
                    seen.add(leak.places[-1])
                    yield leak


def _leak(prefix: str, match: re.Match[str], part: re.Pattern[str]) -> Leak:
    start = match.start()
    places = [
        (start + found.start(), start + found.end())
        for found in part.finditer(match[1])
        if found[0] in secrets.ALPHABET or _is_underscore(found[0])
    ]
    body = "".join(match.string[a:b] for a, b in places[len(prefix) :])
    return Leak(prefix + body, tuple(places))


def _is_underscore(part: str) -> bool:
    return bool(re.fullmatch(_UNDERSCORE, part))


def _masked_text(text: str, leaks: Iterable[Leak]) -> str:
    """The mask stands where the secret began; what stood between its characters, such as tags, stays."""
    cuts = {place: "" for leak in leaks for place in leak.places}
    cuts |= {leak.places[0]: secrets.shown(leak.secret) for leak in leaks}
    pieces, at = [], 0
    for (start, end), instead in sorted(cuts.items()):
        if start >= at:
            pieces += [text[at:start], instead]
            at = end
    return "".join([*pieces, text[at:]])


def _find_in_file(content: bytes) -> list[Leak]:
    """Read byte by byte, so that it does not matter which encoding the file is in."""
    words = content.translate(None, _WORDS)
    if len(content) <= _MARKUP_LIMIT:
        return list(_find(content.decode("latin-1"), markup=b"<" in content or b"&" in content))
    if not any(prefix.encode() in words for prefix in secrets.PREFIXES):
        return []
    return list(_find(content.decode("latin-1"), markup=False))


def _masked_file(content: bytes, leaks: Iterable[Leak]) -> bytes:
    masked = bytearray(content)
    for leak in leaks:
        for start, end in leak.places[-38:-4]:
            masked[start:end] = b"*" * (end - start)
    return bytes(masked)
