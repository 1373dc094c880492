"""What may be asked of a ticket by name. A closed table: nothing that was typed reaches the ORM unread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.sentences import gettext as _
from tickets.filters import meanings, own, times
from tickets.filters.grammar import OWN
from tickets.filters.meanings import Asked
from tickets.filters.tree import Property, Value
from tickets.models import Category


@dataclass(frozen=True, slots=True)
class Field:
    """`condition` makes one value of the field a condition; it raises FilterError."""

    condition: Callable[[Value, Asked], Q]
    example: str
    about: str | Promise
    names: str = ""
    """The kind of rows that its values may name."""
    keywords: frozenset[str] = frozenset()
    compares: bool = False
    ids: bool = True
    """Whether a number is an id. A tag may be called 2024."""


def condition(asked_for: Property, asked: Asked) -> Q:
    """One of the values must hold."""
    if asked_for.name.startswith(OWN):
        return own.condition(asked_for, asked.own, asked.now)
    field, either = FIELDS[asked_for.name], Q()
    for value in asked_for.values:
        if value.comparison and not field.compares:
            sentence = _("%(field)s cannot be compared: leave out %(comparison)s, or quote it.") % {
                "field": asked_for.name,
                "comparison": value.comparison,
            }
            raise value.error(sentence)
        either |= field.condition(value, asked)
    return either


def named(asked_for: Property) -> Iterator[tuple[str, Value]]:
    """The values that are names of rows, with the kind of row."""
    field = FIELDS.get(asked_for.name)
    if field is not None and field.names:
        yield from ((field.names, value) for value in asked_for.values if _is_name(value, field))


def _is_name(value: Value, field: Field) -> bool:
    return value.quoted or not (
        value.text.lower() in field.keywords or (field.ids and meanings.is_number(value.text))
    )


_NONE = frozenset({"none"})

FIELDS: dict[str, Field] = {
    "status": Field(
        meanings.status, "status:open,pending", gettext_lazy("A category, or a status’s own name."), "status",
        frozenset(Category.values),
    ),
    "priority": Field(
        meanings.priority, "priority:>normal", gettext_lazy("low, normal, high, urgent; < and > compare."),
        compares=True,
    ),
    "assignee": Field(
        meanings.assignee, "assignee:me", gettext_lazy("me, none, an agent’s address or id."), "agent",
        frozenset({"me", "none"}),
    ),
    "follower": Field(
        meanings.follower, "follower:me", gettext_lazy("me, none, an agent’s address or id."), "agent",
        frozenset({"me", "none"}),
    ),
    "mentions": Field(
        meanings.mentions, "mentions:me", gettext_lazy("A note calls this agent: me, an address or id."), "agent",
        frozenset({"me"}),
    ),
    "team": Field(
        meanings.team, 'team:"Second level"', gettext_lazy("mine, none, a team’s name or id."), "team",
        frozenset({"me", "mine", "none"}),
    ),
    "contact": Field(
        meanings.contact, "contact:carol@customer.example", gettext_lazy("A contact’s address or id."), "contact"
    ),
    "organization": Field(
        meanings.or_none("organization", "organization"), 'organization:"Flowers Ltd"',
        gettext_lazy("A name or id, or none."), "organization", _NONE,
    ),
    "channel": Field(
        meanings.or_none("channel", "channel"), 'channel:"Web shop"', gettext_lazy("A name or id, or none."),
        "channel", _NONE,
    ),
    "tag": Field(meanings.tag, "tag:refund", gettext_lazy("A tag’s name, or none."), "tag", _NONE, ids=False),
    "language": Field(meanings.language, "language:de", gettext_lazy("A language tag: de, en-GB; or none.")),
    "external_id": Field(
        meanings.external_id, "external_id:order-1042", gettext_lazy("The id in another system, or none.")
    ),
    "created": Field(meanings.time("created_at"), "created:today", times.HOW, compares=True),
    "updated": Field(meanings.time("updated_at"), "updated:>7d", times.HOW, compares=True),
    "solved": Field(
        meanings.time("solved_at", may_lack=True), "solved:2026-11", gettext_lazy("The same, or none."), compares=True
    ),
    "replied": Field(
        meanings.time("first_replied_at", may_lack=True), "replied:none",
        gettext_lazy("The first reply: the same, or none."), compares=True,
    ),
    "sla": Field(
        meanings.sla, "sla:due<2h",
        gettext_lazy("A clock runs out within 2 hours or has; or breached, running, paused, missed, none."),
    ),
    "key": Field(
        meanings.key, 'key:"CRM sync"', gettext_lazy("A message was written with the key of this name or id.")
    ),
    "has": Field(meanings.has, "has:attachment", gettext_lazy("attachment, or proposal: one that waits.")),
    "is": Field(meanings.is_, "is:unreplied", gettext_lazy("snoozed, unassigned, unreplied, unresolved.")),
}  # fmt: skip
