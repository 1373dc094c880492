"""How static files are gathered, joined, named and compressed, and which modules belong together."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_SHEET_IMPORT = re.compile(r'^@import "(?P<sheet>[\w-]+\.css)";$', re.MULTILINE)
_MODULE_IMPORT = r'(?m)^(?P<matched>(?P<names>import (?:.+ from )?)"(?P<url>\./[\w-]+\.js)";)$'


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """
    Put a hash of its content into each file's name, also where our modules import one another.

    A style sheet of ours that imports others is replaced by what it imports: a browser asks for one file, not for 20.
    """

    # Modules of ours alone: some libraries import what they do not ship.
    patterns = (*HashedFilesMixin.patterns, ("helpdesk/*.js", ((_MODULE_IMPORT, '%(names)s"%(url)s";'),)))

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in paths:
                if name.startswith("helpdesk/") and name.endswith(".css"):
                    self._join(name, paths)
        yield from super().post_process(paths, dry_run, **options)

    def _join(self, name: str, paths: dict[str, Any]) -> None:
        def text_of(sheet: str) -> str:
            storage, path = paths[sheet]
            with storage.open(path) as file:
                text: str = file.read().decode()
            return text

        text = text_of(name)
        folder = PurePosixPath(name).parent
        joined = _SHEET_IMPORT.sub(lambda found: text_of(str(folder / found["sheet"])), text)
        if joined != text:
            self.delete(name)
            self.save(name, ContentFile(joined.encode()))
            paths[name] = (self, name)


def not_gathered() -> list[str]:
    """The static files that pages may ask for and `collectstatic` has not gathered yet."""
    if not isinstance(staticfiles_storage, HashedStaticFiles):
        return []
    ignored = StaticFilesConfig.ignore_patterns
    found = {name for finder in finders.get_finders() for name, _storage in finder.list(ignored)}
    return sorted(found - staticfiles_storage.hashed_files.keys())


def modules_of(entry: str) -> list[str]:
    """The module and all that it imports, at any depth, as names for `static`."""
    modules = [entry]
    for module in modules:
        for imported in _imports_of(module):
            if imported not in modules:
                modules.append(imported)
    return modules


def _imports_of(module: str) -> Iterator[str]:
    path = finders.find(module)
    if path is None:
        raise LookupError(f"There is no static file {module}.")
    for found in re.finditer(_MODULE_IMPORT, Path(path).read_text()):
        yield str(PurePosixPath(module).parent / found["url"])
