"""The tables of `docs/api/*.md`, made from the OpenAPI document and put between markers: `manage.py api_docs`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

from accounts.api.operations import OPERATIONS
from helpdesk.api.aliases import BASE
from helpdesk.api.components.parameters import PARAMETERS
from helpdesk.api.reference import Line, OperationPage, chapters, shapes

FOLDER: Path = settings.BASE_DIR / "docs" / "api"

_TABLE = re.compile(r"(<!-- (\w+): ([\w ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
"""`<!-- fields: Ticket -->`, a table, `<!-- end -->`."""


def pages() -> dict[Path, str]:
    """Every page by its file, as it reads with tables that are true."""
    return {path: _TABLE.sub(_made, path.read_text()) for path in sorted(FOLDER.glob("*.md"))}


def resources() -> set[str]:
    """The resources that the pages have to tell of."""
    return {chapter.name for chapter in chapters()}


def told_of() -> set[str]:
    """The resources whose operations are on a page."""
    marks = (mark for text in pages().values() for mark in _TABLE.finditer(text) if mark[2] == "operations")
    return {name for mark in marks for name in mark[3].split()}


def _made(marked: re.Match[str]) -> str:
    begin, kind, names, _old, end = marked.groups()
    return begin + "\n".join(_TABLES[kind](names.split())) + "\n" + end


def _operations(names: list[str]) -> Iterator[str]:
    yield "| | | operation | scope |"
    yield "|---|---|---|---|"
    for page in _of(names):
        method = "PUT, PATCH" if page.method == "PATCH" else page.method
        path = page.path.removeprefix(BASE)
        yield f"| `{method} {path}` | {page.summary} | `{page.id}` | {_scope(page.id)} |"


def _scope(name: str) -> str:
    operation = OPERATIONS[name]
    needed = operation.either or ((operation.permission,) if operation.permission else ())
    return " or ".join(f"`{permission}`" for permission in needed) or "none"


def _parameters(names: list[str]) -> Iterator[str]:
    """What lists understand, but for what all of them do."""
    yield from _lines(line for page in _of(names, ".list") for line in page.parameters if _is_own(line))


def _is_own(line: Line) -> bool:
    known = PARAMETERS.get(line.name)
    return known is None or bool(known["in"] == "path")


def _bodies(names: list[str]) -> Iterator[str]:
    yield "| operation | body (what is bold is required) |"
    yield "|---|---|"
    for page in _of(names):
        if page.body:
            fields = ", ".join(
                f"**`{line.name}`**" if line.required else f"`{line.name}`" for line in page.body
            )
            yield f"| `{page.id}` | {fields} |"


def _accepted(names: list[str]) -> Iterator[str]:
    """Each field of the bodies once."""
    fields = {line.name: line for page in _of(names) for line in page.body}
    yield from _lines(fields[name] for name in sorted(fields))


def _fields(names: list[str]) -> Iterator[str]:
    yield from _lines(line for shape in shapes() if shape.name in names for line in shape.fields)


_TABLES: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "operations": _operations,
    "parameters": _parameters,
    "bodies": _bodies,
    "accepted": _accepted,
    "fields": _fields,
}


def _of(names: list[str], ending: str = "") -> Iterator[OperationPage]:
    for chapter in chapters():
        if chapter.name in names:
            yield from (
                page for page in chapter.operations if page.id.endswith(ending) and not page.is_repeated
            )


def _lines(lines: Iterable[Line]) -> Iterator[str]:
    yield "| name | value | |"
    yield "|---|---|---|"
    yield from (f"| `{line.name}` | {_plain(line.kind)} | {_plain(line.description)} |" for line in lines)


def _plain(text: SafeString) -> str:
    """The docs' HTML as Markdown."""
    coded = re.sub(r"</?code>", "`", text)
    return html.unescape(re.sub(r"<[^>]+>", "", coded)).replace("|", "\\|").replace("\n", " ")
