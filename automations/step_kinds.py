"""What there is to do in a step of a trigger or macro: what its value looks like, what it needs, how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy

from accounts.models import Agent, Team
from accounts.permissions import Permission
from accounts.sentences import gettext as _
from accounts.sentences import ngettext
from automations.models import Trigger, Webhook
from tickets.models import Priority, Status, Tag, Template

MOST_SNOOZED = 365 * 24
MOST_NOTE = 10_000
MOST_NAMED = 40
"""Tags, agents or teams that one step may name."""

ME = "me"
"""Whoever acts: the agent who applies the macro, or the one whose doing the trigger answers."""

Rows = dict[type[Model], dict[int, Model]]
Named = Iterator[tuple[type[Model], int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing to do. `operation` is the verb of the catalogue that does it, which the tags of keys match."""

    label: Promise
    fits: Callable[[Any], bool]
    named: Callable[[Any], Named]
    """The rows that a value names."""
    told: Callable[[Any, Rows], str]
    operation: str
    permission: Permission
    how: Promise
    """What a value looks like, for whoever sent another."""
    triggers_only: bool = False


def kinds(owner: type[Model]) -> dict[str, Kind]:
    """What a trigger, or a macro, can do."""
    return {do: kind for do, kind in KINDS.items() if owner is Trigger or not kind.triggers_only}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_NAMED and all(map(_is_id, value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MOST_NOTE


def _is_hours(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SNOOZED


def _is_notified(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"assignee", "agents", "teams"}:
        return False
    lists = [value["agents"], value["teams"]]
    fits = all(isinstance(one, list) and len(one) <= MOST_NAMED and all(map(_is_id, one)) for one in lists)
    return fits and isinstance(value["assignee"], bool) and bool(value["assignee"] or any(lists))


def _one(model: type[Model]) -> Callable[[Any], Named]:
    return lambda value: iter([(model, value)] if _is_id(value) else [])


def _tags(value: Any) -> Named:
    return ((Tag, pk) for pk in value)


def _notified(value: Any) -> Named:
    yield from ((Agent, pk) for pk in value["agents"])
    yield from ((Team, pk) for pk in value["teams"])


def _nothing(_value: Any) -> Named:
    return iter(())


def _name(model: type[Model], pk: Any, rows: Rows) -> str:
    row = rows[model].get(pk)
    return str(row) if row is not None else _("(gone)")


def _names(model: type[Model], ids: Iterable[int], rows: Rows) -> str:
    return ", ".join(sorted(_name(model, pk, rows) for pk in ids))


def _assign(value: Any, rows: Rows) -> str:
    if value is None:
        return _("Take the assignee away")
    if value == ME:
        return _("Assign to whoever acts")
    return _("Assign to %(name)s") % {"name": _name(Agent, value, rows)}


def _team(value: Any, rows: Rows) -> str:
    if value is None:
        return _("Take it out of its team")
    return _("Move to the team %(name)s") % {"name": _name(Team, value, rows)}


def _follow(value: Any, rows: Rows) -> str:
    if value == ME:
        return _("Let whoever acts follow")
    return _("Let %(name)s follow") % {"name": _name(Agent, value, rows)}


def _tagging(one: str, several: str) -> Callable[[Any, Rows], str]:
    return lambda value, rows: ngettext(one, several, len(value)) % {"names": _names(Tag, value, rows)}


def _tell(value: Any, rows: Rows) -> str:
    people: list[str] = [_("the assignee")] if value["assignee"] else []
    people += [_name(Agent, pk, rows) for pk in value["agents"]]
    people += [_("the team %(name)s") % {"name": _name(Team, pk, rows)} for pk in value["teams"]]
    return _("Notify %(names)s") % {"names": ", ".join(people)}


def _snoozed(value: Any, _rows: Rows) -> str:
    return ngettext("Snooze for %(n)s hour", "Snooze for %(n)s hours", value) % {"n": value}


_AN_AGENT = gettext_lazy("give an agent, or “me” for whoever acts.")

KINDS: dict[str, Kind] = {
    "assign": Kind(
        gettext_lazy("Assign"), lambda value: value is None or value == ME or _is_id(value), _one(Agent), _assign,
        "tickets.assign", Permission.TICKETS_WRITE,
        gettext_lazy("give an agent, “me” for whoever acts, or null for nobody."),
    ),
    "team": Kind(
        gettext_lazy("Move to a team"), lambda value: value is None or _is_id(value), _one(Team), _team,
        "tickets.move", Permission.TICKETS_WRITE, gettext_lazy("give a team, or null for none."),
    ),
    "status": Kind(
        gettext_lazy("Set the status"), _is_id, _one(Status),
        lambda value, rows: _("Set the status to %(name)s") % {"name": _name(Status, value, rows)},
        "tickets.status", Permission.TICKETS_WRITE, gettext_lazy("give a status."),
    ),
    "priority": Kind(
        gettext_lazy("Set the priority"), lambda value: value in [one.word for one in Priority], _nothing,
        lambda value, _rows: _("Set the priority to %(name)s") % {"name": Priority[value.upper()].label},
        "tickets.priority", Permission.TICKETS_WRITE, gettext_lazy("choose low, normal, high or urgent."),
    ),
    "add_tags": Kind(
        gettext_lazy("Add tags"), _is_ids, _tags, _tagging("Add the tag %(names)s", "Add the tags %(names)s"),
        "tickets.tag", Permission.TICKETS_WRITE, gettext_lazy("give a list of tags."),
    ),
    "remove_tags": Kind(
        gettext_lazy("Remove tags"), _is_ids, _tags, _tagging("Remove the tag %(names)s", "Remove the tags %(names)s"),
        "tickets.tag", Permission.TICKETS_WRITE, gettext_lazy("give a list of tags."),
    ),
    "note": Kind(
        gettext_lazy("Write an internal note"), _is_text, _nothing,
        lambda value, _rows: _("Note: %(text)s") % {"text": Truncator(" ".join(value.split())).chars(80)},
        "tickets.note", Permission.NOTES_WRITE,
        gettext_lazy("write what the note shall say, in at most 10,000 characters."),
    ),
    "reply": Kind(
        gettext_lazy("Reply from a template"), _is_id, _one(Template),
        lambda value, rows: _("Reply with “%(name)s”") % {"name": _name(Template, value, rows)},
        "tickets.reply", Permission.MESSAGES_WRITE, gettext_lazy("give a template."),
    ),
    "snooze": Kind(
        gettext_lazy("Snooze"), _is_hours, _nothing, _snoozed,
        "tickets.snooze", Permission.TICKETS_WRITE, gettext_lazy("give a number of hours, from 1 to 8,760."),
    ),
    "follow": Kind(
        gettext_lazy("Let somebody follow"), lambda value: value == ME or _is_id(value), _one(Agent), _follow,
        "tickets.follow", Permission.TICKETS_READ, _AN_AGENT,
    ),
    "notify": Kind(
        gettext_lazy("Notify"), _is_notified, _notified, _tell,
        "tickets.read", Permission.TICKETS_READ,
        gettext_lazy("say whom: the assignee, agents, teams."), triggers_only=True,
    ),
    "webhook": Kind(
        gettext_lazy("Call a webhook"), _is_id, _one(Webhook),
        lambda value, rows: _("Call the webhook “%(name)s”") % {"name": _name(Webhook, value, rows)},
        "tickets.read", Permission.TICKETS_READ, gettext_lazy("give a webhook."), triggers_only=True,
    ),
}  # fmt: skip
"""In the order in which a form offers them."""
