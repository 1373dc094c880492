"""Other vendors' spellings of our addresses, all in one table. They never appear in the documents."""

from __future__ import annotations

from accounts.permissions import RESOURCE_ALIASES

BASE = "/api/v1"
_BASES = ("/api/v1", "/api/v2", "/v1")
_DOCUMENTS = {
    "/api/api.html": "/api/browser",
    "/api": BASE,
    **{f"{base}/docs": "/api/docs" for base in _BASES},
}


def is_api(path: str) -> bool:
    return path in {"/api", "/v1"} or path.startswith(("/api/", "/v1/"))


def canonical(path: str) -> str:
    """Our own address for a path: without aliases and trailing slashes."""
    path = path.rstrip("/")
    if path in _DOCUMENTS:
        return _DOCUMENTS[path]
    for base in _BASES:
        if path == base or path.startswith(f"{base}/"):
            return BASE + _renamed(path[len(base) :])
    return path


def _renamed(rest: str) -> str:
    parts = rest.split("/")
    if len(parts) > 1:
        parts[1] = RESOURCE_ALIASES.get(parts[1], parts[1])
    return "/".join(parts)
