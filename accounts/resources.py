"""What there is to see, for those who count it without knowing the app it belongs to. Each app adds its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.counting import capped_counts
from accounts.numbers import grouped
from accounts.permissions import Permission
from activity.actor import Actor

CAP = 10_000
"""Counts stop here and are shown as “10,000+”."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`rows` is the policy's answer to what exists for an actor; `within` says how far that reaches, in words."""

    permission: Permission
    rows: Callable[[Actor], QuerySet[Any]]
    within: Callable[[Actor], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """How many rows of a resource exist for somebody: “1,204 tickets of 2 teams”."""

    permission: Permission
    count: int
    words: str


_resources: list[Resource] = []


def register(
    permission: Permission,
    rows: Callable[[Actor], QuerySet[Any]],
    within: Callable[[Actor], str] = lambda _actor: "",
) -> None:
    """Let the rows of a resource be counted for those who hold the permission to read it."""
    _resources.append(Resource(permission, rows, within))


def seen_by(actor: Actor, permissions: frozenset[Permission]) -> list[Seen]:
    """What exists for the actor, of the resources that these permissions open. One statement counts it all."""
    opened = sorted((one for one in _resources if one.permission in permissions), key=_place)
    selections = [resource.rows(actor) for resource in opened]
    counts = capped_counts(selections, CAP)
    return [
        Seen(
            resource.permission,
            count,
            " ".join(filter(None, (_counted(rows, count), resource.within(actor)))),
        )
        for resource, rows, count in zip(opened, selections, counts, strict=True)
    ]


def _place(resource: Resource) -> int:
    return list(Permission).index(resource.permission)


def _counted(rows: QuerySet[Any], count: int) -> str:
    names: Sequence[Any] = (rows.model._meta.verbose_name, rows.model._meta.verbose_name_plural)
    figure = f"{grouped(CAP)}+" if count > CAP else grouped(count)
    return f"{figure} {names[0] if count == 1 else names[1]}"
