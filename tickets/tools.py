"""What other apps offer at the composer of a ticket. Tickets know no more of it than an address to load it from."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.permissions import Permission


@dataclass(frozen=True, slots=True)
class Tool:
    """`url_name` takes a ticket's number and answers with what is asked in the dialog of small forms."""

    key: str
    label: Promise
    title: Promise
    url_name: str
    permission: Permission


_tools: list[Tool] = []


def register(tool: Tool) -> None:
    _tools.append(tool)


def registered() -> list[Tool]:
    return _tools
