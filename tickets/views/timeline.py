"""A ticket's conversation and its history in one line of time, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter

from django.db.models import Q, QuerySet, prefetch_related_objects

from accounts.kept import Kept
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from activity.models import Event
from tickets import policy
from tickets.models import Message, Ticket
from tickets.views.sentences import sentence

NEWEST = 100
"""How many messages a ticket opens with. The earlier ones are one click away."""

MOST = 2_000

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

FOLDED_FROM, OLDEST, LATEST = 20, 2, 12
"""A timeline of more entries than this shows so many of its first and its last ones; the rest is asked for."""

_SHOWN = [field.name for field in Message._meta.concrete_fields if field.name != "body_text"]
"""Of up to 2,000 messages, without the text that is there for searching and programs."""

TOLD_BY_MESSAGES = (
    "ticket.replied",
    "ticket.noted",
    "ticket.message_received",
    "ticket.reply_sent",
    "ticket.reply_delivered",
    "ticket.reply_failed",
)


class Extent(StrEnum):
    """How much of a long timeline a page shows."""

    FOLDED = ""
    """How it began, and what was last."""
    NEWEST = "newest"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, or an event."""

    at: datetime
    message: Message | None = None
    event: Event | None = None

    @property
    def sentence(self) -> str:
        return sentence(self.event) if self.event else ""


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    is_whole: bool
    extent: Extent = Extent.FOLDED

    @property
    def folds(self) -> int:
        """How many entries a page leaves out, until it is asked for them."""
        is_long = self.extent == Extent.FOLDED and len(self.entries) > FOLDED_FROM
        return len(self.entries) - OLDEST - LATEST if is_long else 0

    @property
    def beginning(self) -> list[Entry]:
        return self.entries[:OLDEST] if self.folds else self.entries

    @property
    def end(self) -> list[Entry]:
        return self.entries[-LATEST:] if self.folds else []

    @property
    def seen(self) -> int:
        """The newest message in it, 0 for none."""
        return max((entry.message.pk for entry in self.entries if entry.message), default=0)


def timeline(ticket: Ticket, actor: Actor, extent: Extent = Extent.FOLDED) -> Timeline:
    """What happened, oldest first. Unless it is the whole, the newest messages and what happened since them."""
    limit = MOST if extent == Extent.WHOLE else NEWEST
    newest = (_most if extent == Extent.WHOLE else _newest)(actor, [ticket.pk, *ticket.inner_ids])  # type: ignore[attr-defined]
    messages = newest[limit - 1 :: -1]
    is_whole = len(newest) <= limit
    events = _events(ticket, actor, since=_EVER if is_whole else messages[0].created_at)
    entries = [Entry(event.at, event=event) for event in events]
    entries += [Entry(message.created_at, message=message) for message in messages]
    told = Timeline(sorted(entries, key=attrgetter("at")), is_whole, extent)
    shown = [entry.message for entry in told.beginning + told.end if entry.message]
    prefetch_related_objects(shown, "attachments")
    return told


@Kept
def _newest(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    return _messages(actor, tickets)[: NEWEST + 1]


@Kept
def _most(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    return _messages(actor, tickets)[: MOST + 1]


def _messages(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    """Of a ticket and of what was merged into it, the newest first."""
    rows = policy.visible_messages(actor).filter(ticket__in=tickets)
    shown = rows.select_related("agent", "contact").only(*_SHOWN, "agent__name", "contact__name")
    return shown.order_by("-created_at", "-id")


def _events(ticket: Ticket, actor: Actor, *, since: datetime) -> list[Event]:
    return list(reversed(_latest(actor, ticket.pk, since))) if Permission.EVENTS_READ in rights(actor) else []


@Kept
def _latest(actor: Actor, ticket: int, since: datetime) -> QuerySet[Event]:
    # A message shows who wrote it. That a trigger did, or by which macro, only its event knows.
    by_hand = ~Q(facts__has_key="automation")
    rows = Event.objects.about(Ticket(pk=ticket)).filter(at__gte=since)
    rows = rows.exclude(by_hand, type__in=TOLD_BY_MESSAGES)
    rows = rows if Permission.NOTES_READ in rights(actor) else rows.exclude(type="ticket.noted")
    return rows.select_related("agent", "contact").newest_first()[:MOST]
