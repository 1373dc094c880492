"""A ticket's conversation and its history in one line of time, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter

from django.db.models import Count, F, Max, Q, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import Least, RowNumber

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
    beginning: list[Entry]
    """Every entry, unless a page leaves some out until it is asked for them."""
    end: list[Entry]
    folds: int
    """How many entries lie between the two."""
    events: list[Event]
    """All of them, the oldest first."""
    seen: int
    """The newest message in it, 0 for none."""
    is_whole: bool
    extent: Extent


def timeline(ticket: Ticket, actor: Actor, extent: Extent = Extent.FOLDED) -> Timeline:
    """What happened, oldest first. Unless it is the whole, the newest messages and what happened since them."""
    limit = MOST if extent == Extent.WHOLE else NEWEST
    look = {Extent.FOLDED: _ends, Extent.NEWEST: _newest, Extent.WHOLE: _most}[extent]
    found = look(actor, [ticket.pk, *ticket.inner_ids])  # type: ignore[attr-defined]
    number, seen = (found[0].number, found[0].latest) if found else (0, 0)  # type: ignore[attr-defined]
    messages = [message for message in reversed(found) if message.place <= limit]  # type: ignore[attr-defined]
    events = _events(ticket, actor, since=messages[0].created_at if number > limit else _EVER)
    entries = [Entry(event.at, event=event) for event in events]
    entries += [Entry(message.created_at, message=message) for message in messages]
    entries.sort(key=attrgetter("at"))
    total = len(events) + min(number, limit)
    folds = total - OLDEST - LATEST if extent == Extent.FOLDED and total > FOLDED_FROM else 0
    beginning, end = (entries[:OLDEST], entries[-LATEST:]) if folds else (entries, [])
    prefetch_related_objects([entry.message for entry in beginning + end if entry.message], "attachments")
    return Timeline(beginning, end, folds, events, seen, number <= limit, extent)


@Kept
def _ends(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    """Those of a folded timeline, however its events stand among them: the bodies between are not even read."""
    is_old = Q(place__gt=Least(F("number"), NEWEST) - OLDEST)
    is_one_of_few = Q(number__lte=FOLDED_FROM)
    return _newest_of(actor, tickets, NEWEST).filter(Q(place__lte=LATEST) | is_old | is_one_of_few)


@Kept
def _newest(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    return _newest_of(actor, tickets, NEWEST)


@Kept
def _most(actor: Actor, tickets: list[int]) -> QuerySet[Message]:
    return _newest_of(actor, tickets, MOST)


def _newest_of(actor: Actor, tickets: list[int], limit: int) -> QuerySet[Message]:
    """Of a ticket and of what was merged into it, the newest first. One more than the limit tells that there are more.

    Each knows its place among them, how many they are, and which of them came last.
    """
    visible = policy.visible_messages(actor).filter(ticket__in=tickets).order_by("-created_at", "-id")
    rows = Message.objects.filter(pk__in=visible.values("pk")[: limit + 1])
    shown = rows.select_related("agent", "contact").only(*_SHOWN, "agent__name", "contact__name")
    order = [F("created_at").desc(), F("id").desc()]
    numbered = shown.annotate(
        place=Window(RowNumber(), order_by=order), number=Window(Count("pk")), latest=Window(Max("pk"))
    )
    return numbered.order_by("-created_at", "-id")


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
