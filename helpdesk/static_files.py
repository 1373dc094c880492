"""How static files are named and compressed for production."""

import re
from collections.abc import Callable

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Put a hash of its content into each file's name, also where our modules import one another."""

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        if name.endswith(".js") and not name.startswith("helpdesk/"):
            return _unchanged  # Some libraries import what they do not ship.
        converter: Callable[[re.Match[str]], str] = super().url_converter(name, hashed_files, template)
        return converter


def _unchanged(match: re.Match[str]) -> str:
    return match["matched"]
