"""From what people write to what pages may show."""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

MAX_BODY = 100_000
"""Characters of one message's text or HTML."""

MAX_DEPTH = 60
"""Nesting of incoming HTML. nh3's work grows faster than the depth, so deeper input is shown as text."""

MAX_BRACKETS = 5_000
"""Square brackets in Markdown. Each is tried as a link against all that follow, so more is shown as text."""

_TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table"}
_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_SAID = re.compile(r"""\b(src|alt)\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,9})?[^<>]*>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

# Not within a word or a number: 2*3*4 is a size.
_EMPHASIS = re.compile(r"(?<![0-9A-Za-z*])(\*{1,3}|`)(?=\S)([^*`]{1,200})(?<=\S)\1(?![0-9A-Za-z*])")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{1,2000}\)")

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


def clean_text(text: str) -> str:
    """Without what PostgreSQL cannot store (NUL, lone surrogates), with plain line ends."""
    return _UNSTORABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def clean_line(text: str) -> str:
    """One line: for subjects and names."""
    return " ".join(clean_text(text).split())


def html_from_markdown(text: str) -> str:
    """Markdown (or plain text, which is Markdown too) as safe HTML."""
    if text.count("[") > MAX_BRACKETS:
        return html_from_text(text)
    return sanitize(_markdown.render(text))


def sanitize(html: str) -> str:
    """Only harmless tags and attributes. No style, script, form or foreign namespace survives.

    An image from elsewhere tells its sender that it was seen, so it becomes a link, for whoever wants to look.
    """
    if _depth(html) > MAX_DEPTH:
        return html_from_text(_words(html))
    return nh3.clean(
        _IMAGE.sub(_linked, html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def _linked(image: re.Match[str]) -> str:
    """A link to the image where it has an address, or what it says of itself. Sanitised afterwards like the rest."""
    named = {name.lower(): (a or b or c).replace('"', "&quot;") for name, a, b, c in _SAID.findall(image[1])}
    address = named.get("src", "").strip()
    label = f"[{named.get('alt', '').strip() or address.rpartition('/')[2]}]"
    is_elsewhere = address.lower().startswith(("http://", "https://"))
    return f'<a href="{address}">{label}</a>' if is_elsewhere else label if len(label) > 2 else ""


def html_from_text(text: str) -> str:
    """Text exactly as written."""
    return f"<pre>{nh3.clean_text(text)}</pre>"


def text_from_html(html: str) -> str:
    """The words of *sanitised* HTML: for search, snippets and readers of plain text.

    Python's parser takes minutes for what a stranger can write; for `sanitize`'s own output it is quick.
    """
    reader = _Text()
    reader.feed(html)
    reader.close()
    return _lines("".join(reader.parts))


def _words(html: str) -> str:
    """The words of HTML that no parser should be troubled with. Takes time by its length only."""
    bare = _TAG.sub(lambda tag: "\n" if (tag[1] or "").lower() in _BREAKS else "", html)
    return _lines(_ENTITY.sub(lambda entity: entities.unescape(entity[0]), bare))


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def snippet(text: str, length: int = 140) -> str:
    """The beginning of a message on one line, without the marks of Markdown that stand around words."""
    line = without_marks(" ".join(text[: length * 4].split()))
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def without_marks(line: str) -> str:
    """A line without the marks of Markdown that stand around words."""
    return _LINK.sub(r"\1", _EMPHASIS.sub(r"\2", line))


def _depth(html: str) -> int:
    """About how deeply elements nest, counted in one linear pass. What closes nothing takes nothing off."""
    depth = deepest = 0
    unclosed: Counter[str] = Counter()
    for closing, written in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", html):
        name = written.lower()
        if name in _VOID or (closing and not unclosed[name]):
            continue
        step = -1 if closing else 1
        unclosed[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest


class _Text(HTMLParser):
    _SILENT = {"script", "style", "head", "title", "template"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
