"""Keeping the clocks of tickets: after what happened to them, after policies changed, and when one runs out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from activity.actor import system_actor
from activity.models import Event
from activity.recording import record
from automations.hours import ALWAYS, Calendar
from automations.models import BusinessHours, Counting, SlaPolicy
from automations.models.sla import calendar_of
from automations.reckoning import Promise, Reckoned, Stage, Story, reckon
from tickets import filters, policy
from tickets.actions import keep_clocks
from tickets.clocks import Target
from tickets.filters import FilterError
from tickets.lists import NEWEST
from tickets.models import Category, Status, Ticket
from tickets.models.status import UNRESOLVED

AT_ONCE = 200
"""Tickets that are held while their clocks are reckoned."""

_COLUMNS = (
    "subject", "version", "category", "priority", "team_id", "created_at", "first_replied_at", "solved_at", "sla",
    "sla_due_at", "sla_check_at",
)  # fmt: skip

_NAMED = {Stage.NEAR: "ticket.sla_near_breach", Stage.OVER: "ticket.sla_breached"}


@transaction.atomic
def reckon_clocks(ids: Collection[int], *, silent: bool = False, ring: bool = False) -> int:
    """Reckon the clocks of these tickets anew, and keep what changed. Says for how many.

    With `ring`, clocks that run out are told of by events, each once: tickets that somebody else holds, perhaps to
    do the same, are left for the next time.
    """
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=ring)
    tickets = list(rows.filter(pk__in=ids).order_by("pk").only(*_COLUMNS))
    desk = _Desk.now()
    if not tickets or not (desk.policies or any(ticket.sla for ticket in tickets)):
        return 0
    promises = desk.promises(tickets)
    changes = _changes_of_status(tickets) if promises else {}
    now = timezone.now()
    changed = 0
    for ticket in tickets:
        story = _story(ticket, tuple(changes.get(ticket.pk, ())))
        found = reckon(promises.get(ticket.pk), story, before=ticket.sla, now=now, silent=silent, ring=ring)
        changed += _keep(ticket, found)
    return changed


def reckon_open_clocks(after: int = 0) -> int | None:
    """The clocks of the open and pending tickets whose number is higher, as many as are done at once.

    Silently: a policy that was made today does not tell of what it would have told last week. Returns the number to
    go on after, or None at the end.
    """
    rows = Ticket.objects.unresolved().filter(pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    reckon_clocks(ids, silent=True)
    return ids[-1] if len(ids) == AT_ONCE else None


def ring_due_clocks() -> int:
    """Tell of every clock that runs out, by an event, each once, however many workers do this at the same time.

    Finds them at the top of an index, however long nobody looked.
    """
    rung = 0
    while due := list(_due().order_by("sla_check_at").values_list("pk", flat=True)[:AT_ONCE]):
        rung_now = reckon_clocks(due, ring=True)
        rung += rung_now
        if not rung_now:
            break  # Somebody else holds all of them, and tells of them.
    return rung


def _due() -> Any:
    return Ticket.objects.filter(sla_check_at__lte=timezone.now())


def _keep(ticket: Ticket, found: Reckoned) -> bool:
    kept = (ticket.sla, ticket.sla_due_at, ticket.sla_check_at)
    if kept == (found.sla, found.due_at, found.check_at):
        return False
    keep_clocks(ticket, sla=found.sla, due_at=found.due_at, check_at=found.check_at)
    for target, stage, due_at in found.rings:
        record(
            system_actor(),
            _NAMED[stage],
            ticket,
            target=target.value,
            due_at=due_at.isoformat(),
            policy=found.sla["policy"]["name"],
        )
    return True


def _story(ticket: Ticket, changes: tuple[tuple[datetime, str, str], ...]) -> Story:
    return Story(
        created_at=ticket.created_at,
        category=ticket.category,
        first_replied_at=ticket.first_replied_at,
        solved_at=ticket.solved_at,
        changes=changes,
    )


def _changes_of_status(tickets: Sequence[Ticket]) -> dict[int, list[tuple[datetime, str, str]]]:
    """From the tickets' history, by ticket, oldest first."""
    categories = dict(Status.objects.values_list("pk", "category"))
    rows = Event.objects.filter(
        subject_type="ticket", subject_id__in=[ticket.pk for ticket in tickets], changes__has_key="status"
    )
    found = defaultdict(list)
    for pk, at, kind, changes in rows.order_by("id").values_list("subject_id", "at", "type", "changes"):
        before, after = (categories.get(status["id"], "") for status in changes["status"])
        found[pk].append((at, before or Category.OPEN.value, after or _meant(kind)))
    return found


def _meant(kind: str) -> str:
    """What a status meant that there is no more, by the name of the event."""
    named = {"ticket.solved": Category.SOLVED, "ticket.closed": Category.CLOSED}
    return named.get(kind, Category.OPEN).value


@dataclass(frozen=True, slots=True)
class _Desk:
    """The policies in use and the hours of all teams, at one moment."""

    policies: dict[int, SlaPolicy]
    teams: dict[int, Calendar]
    default: Calendar

    @classmethod
    def now(cls) -> _Desk:
        policies = {row.pk: row for row in SlaPolicy.objects.in_use()}
        if not any(row.counting == Counting.BUSINESS for row in policies.values()):
            return cls(policies, {}, ALWAYS)
        hours = list(BusinessHours.objects.prefetch_related("teams"))
        teams = {team.pk: row.calendar for row in hours for team in row.teams.all()}
        return cls(policies, teams, calendar_of(next((row for row in hours if row.is_default), None)))

    def promises(self, tickets: Sequence[Ticket]) -> dict[int, Promise]:
        """What applies to each, if anything does."""
        applies = self._kept(tickets)
        applies |= self._matched([ticket.pk for ticket in tickets if ticket.pk not in applies])
        return {
            ticket.pk: self._promise(self.policies[applies[ticket.pk]], ticket)
            for ticket in tickets
            if ticket.pk in applies
        }

    def _kept(self, tickets: Sequence[Ticket]) -> dict[int, int]:
        """A ticket that is done keeps the policy that it was worked on by."""
        done = {
            ticket.pk: ticket.sla.get("policy", {}).get("id")
            for ticket in tickets
            if ticket.category not in UNRESOLVED and ticket.sla
        }
        merged = set(Ticket.objects.filter(pk__in=done).exclude(policy.LISTED).values_list("pk", flat=True))
        return {pk: kept for pk, kept in done.items() if kept in self.policies and pk not in merged}

    def _matched(self, ids: Sequence[int]) -> dict[int, int]:
        """For each ticket, the first of the policies whose condition holds: by one query."""
        found = filters.select_all(
            [(row.condition, NEWEST) for row in self.policies.values()], system_actor()
        )
        whens = [
            When(selection.within & Q(pk__isnull=False), then=Value(pk))
            for pk, selection in zip(self.policies, found, strict=True)
            if not isinstance(selection, FilterError)
        ]
        if not ids or not whens:
            return {}
        first = Case(*whens, default=None, output_field=IntegerField())
        rows = Ticket.objects.filter(pk__in=ids).annotate(applies=first).exclude(applies=None)
        return dict(rows.values_list("pk", "applies"))

    def _promise(self, row: SlaPolicy, ticket: Ticket) -> Promise:
        business = row.counting == Counting.BUSINESS
        calendar = self.teams.get(ticket.team_id or 0, self.default) if business else ALWAYS
        minutes = {target: row.minutes(target, ticket.priority) for target in Target}
        return Promise(
            policy={"id": row.pk, "name": row.name},
            since=row.changed_at,
            calendar=calendar,
            warning=timedelta(minutes=row.warn_before),
            targets={target: timedelta(minutes=some) for target, some in minutes.items() if some},
        )
