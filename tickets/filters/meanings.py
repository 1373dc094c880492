"""What the values of each field mean: conditions on tickets. All raise FilterError."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper

from accounts.models import CustomField
from accounts.policy import team_ids
from accounts.sentences import gettext as _
from activity.actor import Actor
from tickets import clocks, policy
from tickets.filters import times
from tickets.filters.names import Names
from tickets.filters.tree import Value
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


def status(value: Value, asked: Asked) -> Q:
    word = _word(value)
    if word in Category.values:
        return Q(category=word, unresolved=True) if word in UNRESOLVED else Q(category=word)
    return _rows("status", "status", value, asked)


def priority(value: Value, asked: Asked) -> Q:
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


def assignee(value: Value, asked: Asked) -> Q:
    match _word(value):
        case "none":
            return Q(assignee=None)
        case "me":
            return Q(assignee=_agent(value, asked))
    return _rows("assignee", "agent", value, asked)


def team(value: Value, asked: Asked) -> Q:
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


def contact(value: Value, asked: Asked) -> Q:
    return _rows("contact", "contact", value, asked)


def or_none(column: str, kind: str) -> Callable[[Value, Asked], Q]:
    def condition(value: Value, asked: Asked) -> Q:
        return Q(**{column: None}) if _word(value) == "none" else _rows(column, kind, value, asked)

    return condition


def tag(value: Value, asked: Asked) -> Q:
    given = Ticket.tags.through.objects.filter(ticket=OuterRef("pk"))
    if _word(value) == "none":
        return ~Q(Exists(given))
    return Q(Exists(given.filter(tag__in=asked.names.ids("tag", value))))


def external_id(value: Value, asked: Asked) -> Q:
    return Q(external_id=None) if _word(value) == "none" else Q(external_id=value.text)


def language(value: Value, asked: Asked) -> Q:
    """`de` is every German, de-AT the Austrian one alone."""
    if _word(value) == "none":
        return Q(language="")
    text = value.text.replace("_", "-")
    return Q(language__iexact=text) | Q(language__istartswith=f"{text}-")


def time(column: str, *, may_lack: bool = False) -> Callable[[Value, Asked], Q]:
    def condition(value: Value, asked: Asked) -> Q:
        if may_lack and _word(value) == "none":
            return Q(**{column: None})
        return times.condition(column, value, asked.now)

    return condition


def key(value: Value, asked: Asked) -> Q:
    """A message that the actor may read was written with this key."""
    kinds = policy.readable_kinds(asked.actor)
    written = Message.objects.filter(ticket=OuterRef("pk"), kind__in=kinds, key_id__isnull=False)
    if not value.quoted and is_number(value.text):
        return Q(Exists(written.filter(key_id=_id(value))))
    by_name = written.annotate(called=Upper("key_name")).filter(called=value.text.upper())
    return Q(Exists(by_name))


def has(value: Value, asked: Asked) -> Q:
    if _word(value) == "proposal":
        waiting = policy.visible_proposals(asked.actor).waiting()
        return Q(Exists(waiting.filter(ticket=OuterRef("pk"))))
    if _word(value) != "attachment":
        raise value.error(_("A ticket can have two things: has:attachment and has:proposal."))
    kinds = policy.readable_kinds(asked.actor)
    files = Attachment.objects.filter(message__ticket=OuterRef("pk"), message__kind__in=kinds)
    return Q(Exists(files))


def follower(value: Value, asked: Asked) -> Q:
    follows = Ticket.followers.through.objects.filter(ticket=OuterRef("pk"))
    if _word(value) == "none":
        return ~Q(Exists(follows))
    if _word(value) == "me":
        return Q(Exists(follows.filter(agent=_agent(value, asked))))
    return Q(Exists(follows.filter(_rows("agent", "agent", value, asked))))


def mentions(value: Value, asked: Asked) -> Q:
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


def is_(value: Value, asked: Asked) -> Q:
    if _word(value) not in _STATES:
        raise value.error(_("A ticket can be %(states)s: is:unreplied.") % {"states": ", ".join(_STATES)})
    return _STATES[_word(value)]


_DUE = re.compile(r"due<=?([0-9]{1,4})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def sla(value: Value, asked: Asked) -> Q:
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


def _word(value: Value) -> str:
    """The value as a keyword; what is quoted is none."""
    return "" if value.quoted else value.text.lower()


def _rows(column: str, kind: str, value: Value, asked: Asked) -> Q:
    """Rows by id or name."""
    if not value.quoted and is_number(value.text):
        return Q(**{column: _id(value)})
    ids = asked.names.ids(kind, value)
    return Q(**{column: ids[0]}) if len(ids) == 1 else Q(**{f"{column}__in": ids})


def _id(value: Value) -> int:
    if len(value.text) > 18:
        raise value.error(_("This number is too long for an id."))
    return int(value.text)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
