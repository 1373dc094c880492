"""What other apps show beside a ticket. Tickets know no more of it than an address to load it from."""

from __future__ import annotations

from accounts.permissions import Permission

_panels: dict[str, Permission] = {}
"""The name of a URL that takes a ticket's number → the right to read what is there."""


def register(url_name: str, permission: Permission) -> None:
    """Show a fragment beside every ticket, to those who hold the permission."""
    _panels[url_name] = permission


def registered() -> dict[str, Permission]:
    return _panels
