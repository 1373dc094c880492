"""Scopes of applications: the vocabulary of the keys, compared by meaning, and narrowed to what somebody holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from oauth2_provider.scopes import BaseScopes

from accounts.permissions import ADMINISTRATIVE, ALL, ORDINARY, Permission, meaning, parse_scope


def narrowed(scopes: Iterable[str], held: frozenset[Permission]) -> list[str]:
    """The scopes as they were written as far as they lie within these rights; of wider ones, what lies within."""
    return list(_narrowed(tuple(scopes), held))


@lru_cache(maxsize=1024)
def _narrowed(scopes: tuple[str, ...], held: frozenset[Permission]) -> tuple[str, ...]:
    found: list[str] = []
    for scope in scopes:
        means = parse_scope(scope)
        found += [scope] if means <= held else sorted(means & held)
    return tuple(dict.fromkeys(found))


def without_repetition(scopes: Sequence[str]) -> list[str]:
    """Those that say something that no other one says already: of `*:read tickets:read` the first."""
    return [
        scope
        for place, scope in enumerate(scopes)
        if not any(
            parse_scope(scope) < parse_scope(other)
            or (parse_scope(scope) == parse_scope(other) and at < place)
            for at, other in enumerate(scopes)
        )
    ]


def within(scopes: Iterable[str], allowed: Iterable[str]) -> bool:
    """Do these scopes mean nothing that those do not? False for scopes that there are not."""
    try:
        return meaning(scopes) <= meaning(allowed)
    except ValueError:
        return False


class Scopes(BaseScopes):
    """What the toolkit asks for."""

    def get_all_scopes(self) -> dict[str, str]:
        return {str(permission): str(permission) for permission in sorted(ALL - ADMINISTRATIVE)}

    def get_available_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        return list(application.scopes)

    def get_default_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        return list(application.scopes)


OFFERED = (
    *(f"*:{action}" for action in ("read", "write", "delete")),
    *sorted(str(permission) for permission in ALL - ADMINISTRATIVE),
)
"""Every scope that an application may be given."""
assert meaning(OFFERED[:3]) == ORDINARY
