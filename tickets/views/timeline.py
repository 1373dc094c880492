"""A ticket's conversation and its history in one line of time, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.custom_fields import in_words
from accounts.kept import Kept
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from activity.models import Event
from tickets import policy
from tickets.clocks import Target
from tickets.models import Message, Priority, Ticket

NEWEST = 100
"""How many messages a ticket opens with. The earlier ones are one click away."""

MOST = 2_000

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

FOLDED_FROM, OLDEST, LATEST = 20, 2, 12
"""A timeline of more entries than this shows so many of its first and its last ones; the rest is asked for."""

_CHANGED = gettext_lazy("%(who)s changed the ticket")
TOLD_BY_MESSAGES = (
    "ticket.replied",
    "ticket.noted",
    "ticket.message_received",
    "ticket.reply_sent",
    "ticket.reply_delivered",
    "ticket.reply_failed",
)


_INTO = gettext_lazy("%(who)s merged this ticket into #{name}")
_INTO_OTHERS = gettext_lazy("%(who)s merged this ticket into #{name} of another contact")
_TAKEN_IN = gettext_lazy("%(who)s merged #{name} into this ticket")
_OTHERS_TAKEN_IN = gettext_lazy("%(who)s merged #{name} of another contact into this ticket")


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
    return rows.select_related("agent", "contact").order_by("-created_at", "-id")


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


def sentence(event: Event) -> str:
    """What happened, as one would tell it."""
    told = _SENTENCES.get(event.type, _plain(_CHANGED))(event) % {"who": _who(event)}
    by = event.facts.get("automation") or {}
    if by.get("kind") != "macro":
        return told
    return _("%(told)s, by the macro “%(name)s”") % {"told": told, "name": by["name"]}


def _who(event: Event) -> str:
    by = event.facts.get("automation") or {}
    if by.get("kind") == "trigger":
        return _("The trigger “%(name)s”") % {"name": by["name"]}
    return str(event.agent or event.contact or _("The helpdesk"))


def _assigned(event: Event) -> str:
    after = _after(event, "assignee")
    if after is None:
        return _("%(who)s took the assignee away")
    if event.agent_id == after["id"]:
        return _("%(who)s took the ticket")
    return _with(_("%(who)s assigned the ticket to {name}"), after["name"])


def _moved(event: Event) -> str:
    after = _after(event, "team")
    if after is None:
        return _("%(who)s took the ticket out of its team")
    return _with(_("%(who)s moved the ticket to the team {name}"), after["name"])


def _status(event: Event) -> str:
    return _with(_("%(who)s set the status to {name}"), _after(event, "status")["name"])


def _priority(event: Event) -> str:
    return _with(
        _("%(who)s set the priority to {name}"), str(Priority[_after(event, "priority").upper()].label)
    )


def _tagged(event: Event) -> str:
    before, after = (set(names) for names in event.changes["tags"])
    added, removed = sorted(after - before), sorted(before - after)
    if not removed:
        told = ngettext("%(who)s added the tag {name}", "%(who)s added the tags {name}", len(added))
        return _with(told, ", ".join(added))
    if not added:
        told = ngettext("%(who)s removed the tag {name}", "%(who)s removed the tags {name}", len(removed))
        return _with(told, ", ".join(removed))
    told = _("%(who)s added the tags {name} and removed {other}")
    return _with(told, ", ".join(added), other=", ".join(removed))


def _external(event: Event) -> str:
    after = _after(event, "external_id")
    if after is None:
        return _("%(who)s removed the external id")
    return _with(_("%(who)s set the external id to {name}"), after)


def _language(event: Event) -> str:
    after = _after(event, "language")
    if not after:
        return _("%(who)s took the language away")
    return _with(_("%(who)s set the language to {name}"), after)


def _filled_in(event: Event) -> str:
    """By the labels that the fields had then."""
    labels, told, emptied = event.facts.get("labels", {}), [], []
    for path, (_before, after) in event.changes.items():
        key = path.partition(".")[2]
        label = labels.get(key, key)
        if after is None:
            emptied.append(label)
        else:
            told.append(f"{label}: {Truncator(in_words(after)).chars(80)}")
    if not emptied:
        return _with(_("%(who)s filled in {name}"), ", ".join(told))
    if not told:
        return _with(_("%(who)s emptied {name}"), ", ".join(emptied))
    return _with(_("%(who)s filled in {name} and emptied {other}"), ", ".join(told), other=", ".join(emptied))


def _opened(event: Event) -> str:
    origin = event.facts.get("split_from")
    if origin is None:
        return _("%(who)s opened the ticket")
    return _with(_("%(who)s split this ticket off from #{name}"), str(origin))


def _merged(event: Event) -> str:
    """Told in both tickets, each with the number of the other."""
    facts = event.facts
    if "into" in facts:
        return _with(_INTO_OTHERS if facts["contacts_differ"] else _INTO, str(facts["into"]))
    return _with(_OTHERS_TAKEN_IN if facts["contacts_differ"] else _TAKEN_IN, str(facts["merged"]))


def _unmerged(event: Event) -> str:
    if "out_of" in event.facts:
        return _with(_("%(who)s took this ticket out of #{name} again"), str(event.facts["out_of"]))
    return _with(_("%(who)s took #{name} out of this ticket again"), str(event.facts["unmerged"]))


def _split(event: Event) -> str:
    count = event.facts["messages"]
    told = ngettext(
        "%(who)s split a message off into #{name}", "%(who)s split {count} messages off into #{name}", count
    )
    return _with(told, str(event.facts["into"]), count=str(count))


def _other(template: Any) -> Callable[[Event], str]:
    return lambda event: _with(str(template), str(event.facts["other"]))


def _of_a_proposal(template: Any) -> Callable[[Event], str]:
    return lambda event: _with(str(template), event.facts["by"])


def _snoozed(event: Event) -> str:
    until = timezone.localtime(datetime.fromisoformat(_after(event, "snoozed_until")))
    return _with(
        _("%(who)s snoozed the ticket until {name}"), date_format(until, pgettext("date", "j M Y, H:i"))
    )


def _follower(own: Any, other: Any) -> Callable[[Event], str]:
    def told(event: Event) -> str:
        agent = event.facts["agent"]
        return str(own) if agent["id"] == event.agent_id else _with(str(other), agent["name"])

    return told


def _stopped(event: Event) -> str:
    """What a trigger did not do, and why."""
    told = (
        _("The trigger “{name}” was not run here: too many triggers in a row answered each other")
        if event.facts["reason"] == "depth"
        else _("The trigger “{name}” was not run here: triggers have done enough to this ticket for an hour")
    )
    return _with(told, event.facts["name"])


def _after(event: Event, field: str) -> Any:
    return event.changes[field][1]


def _with(template: Any, name: str, **others: str) -> str:
    """Put names into a sentence that is still to be filled in with its subject."""
    names = {"name": name, **others}
    return str(template).format(**{key: value.replace("%", "%%") for key, value in names.items()})


def _plain(template: Any) -> Callable[[Event], str]:
    return lambda _event: str(template)


def _clock(sentences: dict[str, Any]) -> Callable[[Event], str]:
    """Sentences by the target whose clock it was."""
    return lambda event: str(sentences[event.facts["target"]])


_SENTENCES: dict[str, Callable[[Event], str]] = {
    "ticket.opened": _opened,
    "ticket.imported": _plain(gettext_lazy("%(who)s moved the ticket here from another system")),
    "ticket.replied": _plain(gettext_lazy("%(who)s replied")),
    "ticket.noted": _plain(gettext_lazy("%(who)s wrote an internal note")),
    "ticket.automation_stopped": _stopped,
    "ticket.webhook_called": lambda event: _with(
        _("%(who)s called the webhook “{name}”"), event.facts["webhook"]["name"]
    ),
    "ticket.assigned": _assigned,
    "ticket.moved": _moved,
    "ticket.solved": _status,
    "ticket.closed": _status,
    "ticket.reopened": _status,
    "ticket.status_changed": _status,
    "ticket.priority_changed": _priority,
    "ticket.tagged": _tagged,
    "ticket.subject_edited": _plain(gettext_lazy("%(who)s edited the subject")),
    "ticket.external_id_changed": _external,
    "ticket.language_changed": _language,
    "ticket.fields_changed": _filled_in,
    "ticket.merged": _merged,
    "ticket.unmerged": _unmerged,
    "ticket.split": _split,
    "ticket.linked": _other(gettext_lazy("%(who)s linked this ticket to #{name}")),
    "ticket.unlinked": _other(gettext_lazy("%(who)s removed the link to #{name}")),
    "ticket.snoozed": _snoozed,
    "ticket.proposed": _plain(gettext_lazy("%(who)s proposed something")),
    "ticket.proposal_approved": _of_a_proposal(gettext_lazy("%(who)s approved what {name} proposed")),
    "ticket.proposal_declined": _of_a_proposal(gettext_lazy("%(who)s declined what {name} proposed")),
    "ticket.proposal_withdrawn": _plain(gettext_lazy("%(who)s withdrew a proposal")),
    "ticket.woken": _plain(gettext_lazy("%(who)s woke the ticket")),
    "ticket.sla_near_breach": _clock(
        {
            Target.FIRST_RESPONSE: gettext_lazy("The first reply is due soon"),
            Target.RESOLUTION: gettext_lazy("The solution is due soon"),
        }
    ),
    "ticket.sla_breached": _clock(
        {
            Target.FIRST_RESPONSE: gettext_lazy("The first reply is overdue"),
            Target.RESOLUTION: gettext_lazy("The solution is overdue"),
        }
    ),
    "ticket.followed": _follower(
        gettext_lazy("%(who)s follows the ticket"), gettext_lazy("%(who)s made {name} a follower")
    ),
    "ticket.unfollowed": _follower(
        gettext_lazy("%(who)s no longer follows the ticket"),
        gettext_lazy("%(who)s took {name} off the followers"),
    ),
}
