"""Every operation of the API with the way to ask for it, read from the address map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.urls import get_resolver

from accounts.api.operations import Operation
from accounts.api.views import ApiView

_ROOT = "api/v1/"
_PLACE = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is as in the address map: `/api/v1/tickets/<id:pk>/reply`."""

    operation: Operation
    method: str
    path: str
    view: type[ApiView]

    @property
    def names_one(self) -> bool:
        """Whether the address says which row is meant."""
        return bool(_PLACE.search(self.path))

    @property
    def in_words(self) -> str:
        path = _PLACE.sub(lambda place: f"{{{'id' if place[1] == 'pk' else place[1]}}}", self.path)
        return f"{self.method} {path}"

    def address(self, name: str) -> str:
        return _PLACE.sub(lambda _place: quote(name, safe=""), self.path)


@cache
def routes() -> dict[str, Route]:
    """Operation's name → route. Where two methods do the same, the first."""
    found: dict[str, Route] = {}
    for path, view in _views(get_resolver().url_patterns):
        for method, operation in view.operations.items():
            if path.startswith(_ROOT):
                found.setdefault(operation.name, Route(operation, method, f"/{path}", view))
    return dict(sorted(found.items()))


def _views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, type[ApiView]]]:
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns, path)
            continue
        view = getattr(pattern.callback, "cls", None)
        if view is not None and issubclass(view, ApiView):
            yield path, view
