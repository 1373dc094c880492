"""The conditions of triggers: a filter of tickets that may also ask about the event. Asked of one ticket at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.custom_fields import in_words
from activity.actor import system_actor
from activity.models import Event
from automations.facts import FACTS, refuse_comparison
from tickets import filters
from tickets.filters import FIELDS, FilterError, grammar
from tickets.filters.reading import without_noise
from tickets.filters.tree import All, Either, Not, Part, Property, parts_of
from tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True)
class Weighed:
    """A part of a condition, whether it holds, and what was found. `parts` are what it is made of."""

    text: str
    holds: bool
    found: str = ""
    parts: tuple[Weighed, ...] = ()
    joint: str = ""
    """How the parts are joined: all, either, or not."""


def check(condition: str) -> None:
    """Raises FilterError, with the place, for what cannot be understood or names what does not exist."""
    try:
        tree = _tree(condition)
        for part in parts_of(tree):
            if isinstance(part, Property) and part.name in FACTS:
                for value in part.values:
                    refuse_comparison(part.name, value)
                    FACTS[part.name].check(value)
        _Weighing(tree)
    except FilterError as error:
        error.typed = condition
        raise


def holds(condition: str, ticket: Ticket, event: Event) -> bool:
    """Whether it holds, with no more questions to the database than it takes to know. Raises FilterError."""
    tree = _tree(condition)
    return _Weighing(tree).holds(tree, ticket, event)


def weigh(condition: str, ticket: Ticket, event: Event) -> Weighed:
    """Every part by itself, explained. Raises FilterError."""
    tree = _tree(condition)
    return _Weighing(tree).weigh(tree, ticket, event)


def programs(condition: str) -> list[str]:
    """The names of programs that it asks for."""
    parts = (part for part in parts_of(_tree(condition)) if isinstance(part, Property) and part.name == "via")
    values = [value for part in parts for value in part.values]
    return [
        one.text for one in values if one.quoted or not (one.text in {"any", "none"} or one.text.isdecimal())
    ]


def _tree(condition: str) -> Part:
    tree = grammar.parse(condition, [*FIELDS, *FACTS])
    return without_noise(tree) or All(())


class _Weighing:
    """The conditions of a tree, with all names in it looked up together."""

    def __init__(self, tree: Part) -> None:
        asked = [part for part in parts_of(tree) if not _is_fact(part)]
        self.conditions: dict[Part, Q] = dict(
            zip(asked, filters.conditions(asked, system_actor()), strict=True) if asked else ()
        )

    def holds(self, part: Part, ticket: Ticket, event: Event) -> bool:
        match part:
            case Not():
                return not self.holds(part.part, ticket, event)
            case All():
                return all(self.holds(one, ticket, event) for one in _cheapest_first(part.parts))
            case Either():
                return any(self.holds(one, ticket, event) for one in _cheapest_first(part.parts))
            case Property() if part.name in FACTS:
                return any(FACTS[part.name].holds(value, event) for value in part.values)
        return Ticket.objects.filter(pk=ticket.pk).filter(self.conditions[part]).exists()

    def weigh(self, part: Part, ticket: Ticket, event: Event) -> Weighed:
        match part:
            case Not():
                inner = self.weigh(part.part, ticket, event)
                return Weighed(str(part), not inner.holds, inner.found, inner.parts, "not")
            case All() | Either():
                parts = tuple(self.weigh(one, ticket, event) for one in part.parts)
                joint = "all" if isinstance(part, All) else "either"
                held = [one.holds for one in parts]
                return Weighed(str(part), all(held) if joint == "all" else any(held), "", parts, joint)
        return Weighed(str(part), self.holds(part, ticket, event), _found(part, ticket, event))


def _is_fact(part: Part) -> bool:
    return isinstance(part, Property) and part.name in FACTS


def _cheapest_first(parts: Sequence[Part]) -> list[Part]:
    """The event is at hand; what is asked of its ticket costs a query each."""
    return sorted(parts, key=lambda part: not _is_fact(part))


def _found(part: Part, ticket: Ticket, event: Event) -> str:
    if not isinstance(part, Property):
        return ""
    if part.name in FACTS:
        return FACTS[part.name].found(event)
    if part.name.startswith(grammar.OWN):
        value = ticket.custom_fields.get(part.name.removeprefix(grammar.OWN))
        return _("none") if value is None else in_words(value)
    told = _FOUND.get(part.name)
    return (told(ticket) or _("none")) if told else ""


def _time(column: str) -> Callable[[Ticket], str]:
    def found(ticket: Ticket) -> str:
        moment = getattr(ticket, column)
        return date_format(localtime(moment), "Y-m-d H:i") if moment else ""

    return found


def _keys(ticket: Ticket) -> str:
    named = Message.objects.filter(ticket=ticket, key_id__isnull=False).order_by("key_name")
    return ", ".join(named.values_list("key_name", flat=True).distinct()[:5])


def _states(ticket: Ticket) -> Iterator[str]:
    if ticket.snoozed_until:
        yield "snoozed"
    if ticket.assignee_id is None:
        yield "unassigned"
    if ticket.first_replied_at is None:
        yield "unreplied"
    if ticket.unresolved:
        yield "unresolved"


_FOUND: dict[str, Callable[[Ticket], str]] = {
    "status": lambda ticket: str(ticket.status),
    "priority": lambda ticket: ticket.priority_word,
    "assignee": lambda ticket: ticket.assignee.email if ticket.assignee else "",
    "follower": lambda ticket: ", ".join(ticket.followers.values_list("email", flat=True)),
    "team": lambda ticket: str(ticket.team or ""),
    "contact": lambda ticket: ", ".join(ticket.contact.emails.values_list("address", flat=True)),
    "organization": lambda ticket: str(ticket.organization or ""),
    "channel": lambda ticket: str(ticket.channel or ""),
    "tag": lambda ticket: ", ".join(ticket.tags.values_list("name", flat=True)),
    "external_id": lambda ticket: ticket.external_id or "",
    "created": _time("created_at"),
    "updated": _time("updated_at"),
    "solved": _time("solved_at"),
    "replied": _time("first_replied_at"),
    "key": _keys,
    "is": lambda ticket: ", ".join(_states(ticket)),
}
"""What a ticket has where a condition asks, for people to compare."""
