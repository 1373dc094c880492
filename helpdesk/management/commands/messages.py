from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

ROOT: Path = settings.BASE_DIR
CATALOGS = ROOT / "helpdesk" / "locale"
APPS = ("helpdesk", "automations", "orders", "tickets", "apitokens", "accounts", "activity")
SILENT = ("migrations", "management", "demo", "bench", "static", "mcp")
"""Folders without words for people who use the product: commands and programs are spoken to in English."""
FOR_PROGRAMMERS = ROOT / "templates" / "helpdesk"
"""The documents of the API, which are in English for everybody, as the API is."""
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_ALIAS = re.compile(r"\b(n?p?n?gettext(?:_lazy|_noop)?) as (\w+)")
"""Under which names a module imports them: `gettext as _t`."""
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands where a catalogue has the time of its making: the same words make the same file."""

Message = tuple[str | tuple[str, ...], str | None]


class Command(BaseCommand):
    help = (
        "Gather what can be translated into helpdesk/locale, compile it, and say what is not translated yet."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        template = gathered()
        for place in sorted(CATALOGS.glob("*/LC_MESSAGES/django.po")):
            catalog = read(place)
            catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            place.write_bytes(as_po(catalog))
            place.with_suffix(".mo").write_bytes(as_mo(catalog))
            self._tell(catalog)

    def _tell(self, catalog: Catalog) -> None:
        missing = [message for message in catalog if message.id and not is_translated(message)]
        for message in missing:
            where = message.locations[0][0] if message.locations else ""
            self.stdout.write(f"{catalog.locale}: {message.id!r} ({where})")
        self.stdout.write(f"{catalog.locale}: {len(catalog)} strings, {len(missing)} of them not translated.")


def gathered() -> Catalog:
    """Every string that is marked, in the code and in the templates."""
    template = Catalog()
    for path in _sources():
        for message, context in _messages(path):
            template.add(message, context=context, locations=[(str(path.relative_to(ROOT)), 0)])
    return template


def read(place: Path) -> Catalog:
    with place.open("rb") as file:
        return read_po(file, locale=place.parent.parent.name)


def is_translated(message: Any) -> bool:
    return bool(all(message.string) if isinstance(message.string, tuple) else message.string)


def as_po(catalog: Catalog) -> bytes:
    catalog.project, catalog.version, catalog.fuzzy = "Helpdesk", "1", False
    catalog.creation_date = catalog.revision_date = _NEVER
    written = BytesIO()
    write_po(written, catalog, width=110, sort_output=True, include_lineno=False)
    return written.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def _sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not set(path.relative_to(ROOT).parts) & set(SILENT):
                yield path
    for kind in ("html", "txt"):
        for path in sorted((ROOT / "templates").rglob(f"*.{kind}")):
            if not path.is_relative_to(FOR_PROGRAMMERS):
                yield path


def _messages(path: Path) -> Iterator[Message]:
    text = path.read_text()
    if path.suffix != ".py":
        # Django's own reading of a template is Python but for its indentation.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    aliases = {alias: KEYWORDS[name] for name, alias in _ALIAS.findall(text)}
    for _line, message, _comments, context in extract("python", BytesIO(text.encode()), KEYWORDS | aliases):
        yield message, context
