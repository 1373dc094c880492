"""What a trigger may ask of an event, besides what may be asked of its ticket: who, with what, at which door, what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from accounts.models import Agent
from accounts.models.agent import normalize_email
from accounts.sentences import gettext as _
from activity.actor import Door
from activity.models import Event
from automations.models import Property
from tickets.filters import FilterError
from tickets.filters.tree import Value
from tickets.models import Status

WHO = ("agent", "contact", "program", "helpdesk")


@dataclass(frozen=True, slots=True)
class Fact:
    """`holds` asks one value of an event; `found` tells what the event has; `check` raises FilterError for a value
    that no event will ever have."""

    holds: Callable[[Value, Event], bool]
    found: Callable[[Event], str]
    check: Callable[[Value], None]
    example: str
    about: Promise


def who(event: Event) -> str:
    """What kind of author an event has. What a program does, it does, whoever it acts as."""
    if event.key_id is not None:
        return "program"
    if event.contact_id is not None:
        return "contact"
    return "agent" if event.agent_id is not None else "helpdesk"


def _text(value: Value) -> str:
    return " ".join(value.text.casefold().split())


def _by(value: Value, event: Event) -> bool:
    if not value.quoted and _text(value) in WHO:
        return who(event) == _text(value)
    if event.agent is None:
        return False
    return event.agent.email == normalize_email(value.text) or _is_id(value, event.agent_id)


def _found_by(event: Event) -> str:
    return str(event.contact or (event.agent and event.agent.email) or _("the helpdesk"))


def _check_by(value: Value) -> None:
    if not value.quoted and _text(value) in WHO:
        return
    by_id = value.text.isdecimal() and len(value.text) < 19
    rows = (
        Agent.objects.filter(pk=int(value.text)) if by_id else Agent.objects.filter(email=value.text.lower())
    )
    if not rows.exists():
        known = ", ".join(WHO)
        raise value.error(
            _("There is no agent “%(name)s”. Say one of %(known)s, or an agent’s address.")
            % {"name": value.text, "known": known}
        )


def _via(value: Value, event: Event) -> bool:
    if not value.quoted and _text(value) in {"any", "none"}:
        return (event.key_id is None) == (_text(value) == "none")
    if event.key_id is None:
        return False
    return " ".join(event.key_name.casefold().split()) == _text(value) or _is_id(value, event.key_id)


def _is_id(value: Value, pk: int | None) -> bool:
    return not value.quoted and value.text == str(pk)


def _door(value: Value, event: Event) -> bool:
    return event.door == _text(value)


def _check_door(value: Value) -> None:
    if _text(value) not in Door.values:
        raise value.error(_("A door is one of %(known)s.") % {"known": ", ".join(Door.values)})


def _changed(value: Value, event: Event) -> bool:
    return _text(value) in changed_fields(event)


def changed_fields(event: Event) -> set[str]:
    """What an event changed. Custom fields count together, and each by its own name."""
    return {name for field in event.changes for name in (field, field.partition(".")[0])}


def _check_changed(value: Value) -> None:
    name = _text(value)
    if name not in Property.values and not name.startswith("custom_fields."):
        raise value.error(
            _("Nothing of this name changes. There are: %(known)s.") % {"known": ", ".join(Property.values)}
        )


def _from(value: Value, event: Event) -> bool:
    return any(_text(value) in set(_words(before, after)) for before, after in event.changes.values())


def _to(value: Value, event: Event) -> bool:
    return any(_text(value) in set(_words(after, before)) for before, after in event.changes.values())


def _words(side: Any, other: Any) -> Iterator[str]:
    """What one side of a change can be called. Of several values, those that the other side lacks."""
    match side:
        case None:
            yield "none"
        case {"id": pk, "name": name}:
            yield from (" ".join(str(name).casefold().split()), str(pk))
            yield from Status.objects.filter(pk=pk, name=name).values_list("category", flat=True)
        case list():
            yield from (str(one).casefold() for one in side if one not in (other or []))
        case _:
            yield str(side).casefold()


def _shown(event: Event, place: int) -> str:
    told = [_in_words(pair[place]) for pair in event.changes.values()]
    return ", ".join(told) or _("it changed nothing")


def _in_words(value: Any) -> str:
    match value:
        case None:
            return _("none")
        case {"name": name}:
            return str(name)
        case list():
            return ", ".join(map(str, value)) or _("none")
    return str(value)


def _anything(_value: Value) -> None:
    """No value can be known to be wrong: names outlive what bore them."""


FACTS: dict[str, Fact] = {
    "by": Fact(
        _by, _found_by, _check_by, "by:contact",
        gettext_lazy("Who did it: agent (in person), contact, program, helpdesk, or an agent’s address or id."),
    ),
    "via": Fact(
        _via, lambda event: event.key_name or _("no program"), _anything, 'via:"CRM sync"',
        gettext_lazy("With which API key, application or bot: its name or id, any, or none."),
    ),
    "door": Fact(
        _door, lambda event: event.door, _check_door, "door:api",
        format_lazy(gettext_lazy("Where: {known}."), known=", ".join(Door.values)),
    ),
    "changed": Fact(
        _changed, lambda event: ", ".join(event.changes) or _("nothing"), _check_changed, "changed:priority",
        format_lazy(gettext_lazy("What it changed: {known}."), known=", ".join(Property.values)),
    ),
    "from": Fact(
        _from, lambda event: _shown(event, 0), _anything, "from:pending",
        gettext_lazy("What it was before; a tag that it lost.")
    ),
    "to": Fact(
        _to, lambda event: _shown(event, 1), _anything, "to:urgent",
        gettext_lazy("What it became; a tag that it got.")
    ),
}  # fmt: skip
"""The names stand in conditions beside those of `tickets.filters.FIELDS`, of which none may be the same."""


def refuse_comparison(name: str, value: Value) -> None:
    if value.comparison:
        raise FilterError(
            _("%(name)s cannot be compared: leave out %(sign)s, or quote it.")
            % {"name": name, "sign": value.comparison},
            value.position,
            value.length,
        )
