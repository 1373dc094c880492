"""Folding what a message merely repeats. Works on sanitised HTML, whose tags are balanced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.translation import gettext as _

LONG = 200
"""Characters from which a quotation is folded. A short one is what somebody answers to."""

_QUOTE = re.compile(r"<(/?)blockquote>")
_TAG = re.compile(r"<[^>]*>")


def folded(html: str) -> str:
    """The message with its long quotations behind one line each, unless it consists of nothing else."""
    places = [place for place in _outermost(html) if len(_words(html[slice(*place)])) >= LONG]
    if not places or not _words(_without(html, places)):
        return html
    parts, at = [], 0
    for start, end in places:
        parts += [html[at:start], _fold(html[start:end])]
        at = end
    return "".join([*parts, html[at:]])


def _outermost(html: str) -> Iterator[tuple[int, int]]:
    depth = start = 0
    for tag in _QUOTE.finditer(html):
        if not tag[1]:
            start = start if depth else tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield start, tag.end()


def _without(html: str, places: list[tuple[int, int]]) -> str:
    for start, end in reversed(places):
        html = html[:start] + html[end:]
    return html


def _words(html: str) -> str:
    return " ".join(_TAG.sub(" ", html).split())


def _fold(quote: str) -> str:
    return f'<details class="quote"><summary>{escape(_("Quoted text"))}</summary>{quote}</details>'
