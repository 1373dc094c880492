"""What may be asked of a ticket by name. A closed table: nothing that was typed reaches the ORM unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import CustomField
from accounts.policy import team_ids
from accounts.sentences import gettext as _
from activity.actor import Actor
from tickets import clocks, policy
from tickets.filters import own, times
from tickets.filters.grammar import OWN
from tickets.filters.names import Names
from tickets.filters.tree import Property, Value
from tickets.models import Attachment, Category, Mention, Message, Priority, Ticket
from tickets.models.status import UNRESOLVED


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and what the names mean to him."""

    actor: Actor
    names: Names
    now: datetime
    own: Mapping[str, CustomField] = field(default_factory=dict)
    """The fields of tickets that admins added, by key, if any filter names one."""


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
        value.text.lower() in field.keywords or (field.ids and _is_number(value.text))
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _word(value: Value) -> str:
    """The value as a keyword; what is quoted is none."""
    return "" if value.quoted else value.text.lower()


def _id(value: Value) -> int:
    if len(value.text) > 18:
        raise value.error(_("This number is too long for an id."))
    return int(value.text)


def _rows(column: str, kind: str, value: Value, asked: Asked) -> Q:
    """Rows by id or name."""
    if not value.quoted and _is_number(value.text):
        return Q(**{column: _id(value)})
    ids = asked.names.ids(kind, value)
    return Q(**{column: ids[0]}) if len(ids) == 1 else Q(**{f"{column}__in": ids})


def _status(value: Value, asked: Asked) -> Q:
    word = _word(value)
    if word in Category.values:
        return Q(category=word, unresolved=True) if word in UNRESOLVED else Q(category=word)
    return _rows("status", "status", value, asked)


def _priority(value: Value, asked: Asked) -> Q:
    if ".." in value.text and not value.comparison:
        low, _dots, high = value.text.partition("..")
        return Q(priority__gte=_level(value, low), priority__lte=_level(value, high))
    lookup = {"": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}[value.comparison]
    return Q(**{f"priority{lookup}": _level(value, value.text)})


def _level(value: Value, text: str) -> Priority:
    words = {priority.word: priority for priority in Priority}
    if text.lower() not in words:
        raise value.error(
            _("A priority is one of %(words)s: priority:high or priority:>normal.")
            % {"words": ", ".join(words)}
        )
    return words[text.lower()]


def _assignee(value: Value, asked: Asked) -> Q:
    match _word(value):
        case "none":
            return Q(assignee=None)
        case "me":
            return Q(assignee=_agent(value, asked))
    return _rows("assignee", "agent", value, asked)


def _team(value: Value, asked: Asked) -> Q:
    match _word(value):
        case "none":
            return Q(team=None)
        case "me" | "mine":
            return Q(team__in=team_ids(_agent(value, asked)))
    return _rows("team", "team", value, asked)


def _agent(value: Value, asked: Asked) -> Any:
    if asked.actor.agent is None:
        raise value.error(_("Nobody is acting whom “%(value)s” could mean.") % {"value": value.text})
    return asked.actor.agent


def _contact(value: Value, asked: Asked) -> Q:
    return _rows("contact", "contact", value, asked)


def _or_none(column: str, kind: str) -> Callable[[Value, Asked], Q]:
    def condition(value: Value, asked: Asked) -> Q:
        return Q(**{column: None}) if _word(value) == "none" else _rows(column, kind, value, asked)

    return condition


def _tag(value: Value, asked: Asked) -> Q:
    given = Ticket.tags.through.objects.filter(ticket=OuterRef("pk"))
    if _word(value) == "none":
        return ~Q(Exists(given))
    return Q(Exists(given.filter(tag__in=asked.names.ids("tag", value))))


def _external_id(value: Value, asked: Asked) -> Q:
    return Q(external_id=None) if _word(value) == "none" else Q(external_id=value.text)


def _language(value: Value, asked: Asked) -> Q:
    """`de` is every German, de-AT the Austrian one alone."""
    if _word(value) == "none":
        return Q(language="")
    text = value.text.replace("_", "-")
    return Q(language__iexact=text) | Q(language__istartswith=f"{text}-")


def _time(column: str, *, may_lack: bool = False) -> Callable[[Value, Asked], Q]:
    def condition(value: Value, asked: Asked) -> Q:
        if may_lack and _word(value) == "none":
            return Q(**{column: None})
        return times.condition(column, value, asked.now)

    return condition


def _key(value: Value, asked: Asked) -> Q:
    """A message that the actor may read was written with this key."""
    kinds = policy.readable_kinds(asked.actor)
    written = Message.objects.filter(ticket=OuterRef("pk"), kind__in=kinds, key_id__isnull=False)
    if not value.quoted and _is_number(value.text):
        return Q(Exists(written.filter(key_id=_id(value))))
    by_name = written.annotate(called=Upper("key_name")).filter(called=value.text.upper())
    return Q(Exists(by_name))


def _has(value: Value, asked: Asked) -> Q:
    if _word(value) == "proposal":
        waiting = policy.visible_proposals(asked.actor).waiting()
        return Q(Exists(waiting.filter(ticket=OuterRef("pk"))))
    if _word(value) != "attachment":
        raise value.error(_("A ticket can have two things: has:attachment and has:proposal."))
    kinds = policy.readable_kinds(asked.actor)
    files = Attachment.objects.filter(message__ticket=OuterRef("pk"), message__kind__in=kinds)
    return Q(Exists(files))


def _follower(value: Value, asked: Asked) -> Q:
    follows = Ticket.followers.through.objects.filter(ticket=OuterRef("pk"))
    if _word(value) == "none":
        return ~Q(Exists(follows))
    if _word(value) == "me":
        return Q(Exists(follows.filter(agent=_agent(value, asked))))
    return Q(Exists(follows.filter(_rows("agent", "agent", value, asked))))


def _mentions(value: Value, asked: Asked) -> Q:
    """A note that the actor may read calls this agent by name."""
    kinds = policy.readable_kinds(asked.actor)
    calls = Mention.objects.filter(message__ticket=OuterRef("pk"), message__kind__in=kinds)
    if _word(value) == "me":
        return Q(Exists(calls.filter(agent=_agent(value, asked))))
    return Q(Exists(calls.filter(_rows("agent", "agent", value, asked))))


_STATES = {
    "snoozed": Q(snoozed_until__isnull=False),
    "unassigned": Q(assignee=None),
    "unreplied": Q(first_replied_at=None),
    "unresolved": Q(unresolved=True),
}


def _is(value: Value, asked: Asked) -> Q:
    if _word(value) not in _STATES:
        raise value.error(_("A ticket can be %(states)s: is:unreplied.") % {"states": ", ".join(_STATES)})
    return _STATES[_word(value)]


_DUE = re.compile(r"due<=?([0-9]{1,4})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _sla(value: Value, asked: Asked) -> Q:
    word = _word(value)
    due = _DUE.fullmatch(word)
    if due:
        return clocks.due_before(asked.now + int(due[1]) * _UNITS[due[2]])
    if word == "breached":
        return clocks.due_before(asked.now)
    if word not in clocks.CONDITIONS:
        known = ", ".join(["breached", *clocks.CONDITIONS])
        sentence = _("Write sla:due<2h (minutes m, hours h, days d), or one of these: %(known)s.")
        raise value.error(sentence % {"known": known})
    return clocks.CONDITIONS[word]


_NONE = frozenset({"none"})

FIELDS: dict[str, Field] = {
    "status": Field(
        _status, "status:open,pending", gettext_lazy("A category, or a status’s own name."), "status",
        frozenset(Category.values),
    ),
    "priority": Field(
        _priority, "priority:>normal", gettext_lazy("low, normal, high, urgent; < and > compare."), compares=True
    ),
    "assignee": Field(
        _assignee, "assignee:me", gettext_lazy("me, none, an agent’s address or id."), "agent",
        frozenset({"me", "none"}),
    ),
    "follower": Field(
        _follower, "follower:me", gettext_lazy("me, none, an agent’s address or id."), "agent",
        frozenset({"me", "none"}),
    ),
    "mentions": Field(
        _mentions, "mentions:me", gettext_lazy("A note calls this agent: me, an address or id."), "agent",
        frozenset({"me"}),
    ),
    "team": Field(
        _team, 'team:"Second level"', gettext_lazy("mine, none, a team’s name or id."), "team",
        frozenset({"me", "mine", "none"}),
    ),
    "contact": Field(_contact, "contact:carol@customer.example", gettext_lazy("A contact’s address or id."), "contact"),
    "organization": Field(
        _or_none("organization", "organization"), 'organization:"Flowers Ltd"', gettext_lazy("A name or id, or none."),
        "organization", _NONE,
    ),
    "channel": Field(
        _or_none("channel", "channel"), 'channel:"Web shop"', gettext_lazy("A name or id, or none."), "channel", _NONE
    ),
    "tag": Field(_tag, "tag:refund", gettext_lazy("A tag’s name, or none."), "tag", _NONE, ids=False),
    "language": Field(_language, "language:de", gettext_lazy("A language tag: de, en-GB; or none.")),
    "external_id": Field(_external_id, "external_id:order-1042", gettext_lazy("The id in another system, or none.")),
    "created": Field(_time("created_at"), "created:today", times.HOW, compares=True),
    "updated": Field(_time("updated_at"), "updated:>7d", times.HOW, compares=True),
    "solved": Field(
        _time("solved_at", may_lack=True), "solved:2026-11", gettext_lazy("The same, or none."), compares=True
    ),
    "replied": Field(
        _time("first_replied_at", may_lack=True), "replied:none", gettext_lazy("The first reply: the same, or none."),
        compares=True,
    ),
    "sla": Field(
        _sla, "sla:due<2h",
        gettext_lazy("A clock runs out within 2 hours or has; or breached, running, paused, missed, none."),
    ),
    "key": Field(_key, 'key:"CRM sync"', gettext_lazy("A message was written with the key of this name or id.")),
    "has": Field(_has, "has:attachment", gettext_lazy("attachment, or proposal: one that waits.")),
    "is": Field(_is, "is:unreplied", gettext_lazy("snoozed, unassigned, unreplied, unresolved.")),
}  # fmt: skip
