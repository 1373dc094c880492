"""Taking back changes of a ticket's status, assignee, team, tags and priority, where nothing newer happened to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions import undoing
from accounts.actions.refusal import Refused
from accounts.models import Agent, Team
from accounts.permissions import Permission
from activity.actor import Actor
from activity.models import Event
from tickets.actions.assign import assign
from tickets.actions.locking import locked, name_of
from tickets.actions.properties import move_to_team, set_priority, set_status
from tickets.actions.tags import set_tags
from tickets.models import Priority, Status, Tag, Ticket


@dataclass(frozen=True, slots=True)
class Property:
    """How history remembers its value, and how a remembered value is set again."""

    now: Callable[[Ticket], Any]
    put: Callable[[Ticket, Any, Actor], Ticket]
    word: Callable[[Any], str]


def undo(event: Event, actor: Actor, together: frozenset[int]) -> str:
    """Put back what the property was before the event. Never touches messages. Raises Refused."""
    ticket = locked(Ticket(pk=event.subject_id), actor, Permission.TICKETS_WRITE)
    field = next(name for name in event.changes if name in PROPERTIES)
    kept, (before, after) = PROPERTIES[field], event.changes[field]
    _refuse_newer(ticket, event, field, together)
    if _id(kept.now(ticket)) != _id(after):
        raise Refused(
            field,
            "changed_since",
            _("Ticket %(ticket)s: the %(field)s is another one by now.")
            % {"ticket": ticket.pk, "field": _called(field)},
        )
    kept.put(ticket, before, actor)
    return _("Ticket %(ticket)s: %(field)s back to %(before)s, instead of %(after)s.") % {
        "ticket": ticket.pk,
        "field": _called(field),
        "before": kept.word(before),
        "after": kept.word(after),
    }


def _refuse_newer(ticket: Ticket, event: Event, field: str, together: frozenset[int]) -> None:
    later = Event.objects.about(ticket).filter(pk__gt=event.pk, changes__has_key=field)
    newer = later.exclude(pk__in=together).exclude(cause__in=together).order_by("id")
    first = newer.select_related("agent", "contact").first()
    if first is not None:
        who = first.key_name or first.agent or first.contact or _("the helpdesk")
        message = _("Ticket %(ticket)s: %(who)s changed the %(field)s after that, on %(at)s UTC.") % {
            "ticket": ticket.pk,
            "who": who,
            "field": _called(field),
            "at": date_format(first.at, "DATETIME_FORMAT"),
        }
        raise Refused(field, "changed_since", message)


def _id(value: Any) -> Any:
    """A remembered row counts by its id: it may have another name by now."""
    return value["id"] if isinstance(value, dict) else value


def _row(model: Any, value: Any, field: str) -> Any:
    row = None if value is None else model.objects.filter(pk=value["id"]).first()
    if value is not None and row is None:
        raise Refused(
            field,
            "gone",
            _("There is no %(field)s “%(value)s” any more.")
            % {"field": _called(field), "value": value["name"]},
        )
    return row


def _tags(names: list[str]) -> list[Tag]:
    rows = list(Tag.objects.filter(name__in=names))
    missing = sorted(set(names) - {tag.name for tag in rows})
    if missing:
        raise Refused("tags", "gone", _("There is no tag “%(missing)s” any more.") % {"missing": missing[0]})
    return rows


def _called(field: str) -> str:
    """The property as people call it."""
    return str(Ticket._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _named(value: Any) -> str:
    return _("none") if value is None else str(value["name"])


PROPERTIES: dict[str, Property] = {
    "status": Property(
        lambda ticket: name_of(ticket.status),
        lambda ticket, value, actor: set_status(ticket, status=_row(Status, value, "status"), actor=actor),
        _named,
    ),
    "assignee": Property(
        lambda ticket: name_of(ticket.assignee),
        lambda ticket, value, actor: assign(ticket, to=_row(Agent, value, "assignee"), actor=actor),
        _named,
    ),
    "team": Property(
        lambda ticket: name_of(ticket.team),
        lambda ticket, value, actor: move_to_team(ticket, team=_row(Team, value, "team"), actor=actor),
        _named,
    ),
    "priority": Property(
        lambda ticket: Priority(ticket.priority).word,
        lambda ticket, value, actor: set_priority(ticket, priority=Priority[value.upper()], actor=actor),
        lambda value: str(Priority[value.upper()].label).lower(),
    ),
    "tags": Property(
        lambda ticket: sorted(tag.name for tag in ticket.tags.all()),
        lambda ticket, value, actor: set_tags(ticket, tags=_tags(value), actor=actor),
        lambda value: ", ".join(value) or _("none"),
    ),
}

KINDS = (
    "ticket.solved", "ticket.closed", "ticket.reopened", "ticket.status_changed",
    "ticket.assigned", "ticket.moved", "ticket.priority_changed", "ticket.tagged",
)  # fmt: skip


def register() -> None:
    undoing.register(KINDS, undo)
