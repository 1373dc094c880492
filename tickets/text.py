"""From what people write to what pages may show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

MAX_BODY = 100_000
"""Characters of one message's text or HTML."""

MAX_DEPTH = 60
"""Nesting of incoming HTML. nh3's work grows faster than the depth, so deeper input is shown as text."""

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
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

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
    return sanitize(_markdown.render(text))


def sanitize(html: str) -> str:
    """Only harmless tags and attributes. No style, script, form, image or foreign namespace survives."""
    if _depth(html) > MAX_DEPTH:
        return html_from_text(text_from_html(html))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def html_from_text(text: str) -> str:
    """Text exactly as written."""
    return f"<pre>{nh3.clean_text(text)}</pre>"


def text_from_html(html: str) -> str:
    """The words of an HTML body: for search, snippets and readers of plain text."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def snippet(text: str, length: int = 140) -> str:
    """The beginning of a message on one line."""
    line = " ".join(text[: length * 4].split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _depth(html: str) -> int:
    """How deeply elements nest at most: an upper bound, counted in one linear pass."""
    depth = deepest = 0
    for closing, name in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", html):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Text(HTMLParser):
    _BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table"}
    _SILENT = {"script", "style", "head", "title", "template"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
