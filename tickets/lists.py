"""Pages of tickets: any condition, any reach, any order, from the top of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from accounts.among import among
from accounts.keyset import Order, Position
from accounts.walks import Walk
from activity.actor import Actor
from tickets import policy, search
from tickets.models import Ticket

CAP = 10_000
"""How far counts count and page numbers reach. Beyond it there is the cursor."""

WALKS = (500, 2_000)
"""How many of the newest tickets are looked at for a common word, the second time if the first finds too few,
before the index is asked for all."""


NEWEST = Order("updated_at")

ORDERS = {
    f"{sign}{column}": Order(column, descending=bool(sign))
    for column in ("id", "created_at", "updated_at", "priority")
    for sign in ("", "-")
} | {f"{sign}sla_due": Order("sla_due_at", descending=bool(sign)) for sign in ("", "-")}
"""What lists of tickets can be sorted by, as the API spells it."""

NOTHING = Q(pk__in=[])
"""Holds for no ticket."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tickets somebody asked for. The actor's reach is always added to it."""

    actor: Actor
    condition: Q = field(default_factory=Q)
    words: str | search.Terms = ""
    """As somebody typed them, or understood already."""
    order: Order = NEWEST
    merged: bool = False
    """Whether tickets that were merged into others are among them. They are found where they went."""

    @property
    def within(self) -> Q:
        """The condition, with what every list leaves out."""
        return self.condition if self.merged else self.condition & policy.LISTED

    def ids(self, *, limit: int) -> list[int]:
        """The first ticket ids, up to `limit`."""
        return [pk for _, pk in self.positions(limit=limit)]

    def positions(self, *, after: Position | None = None, offset: int = 0, limit: int) -> list[Position]:
        """Where up to `limit` tickets stand, following the position `after` or skipping `offset` rows."""
        condition = self.within & (self.order.after(after) if after else Q())
        if not self.words:
            return self._walk(condition).positions(offset=offset, limit=limit)
        if not self.terms:
            return []
        few = search.few(self._question)
        if few is None:
            return self._common(condition, offset, limit)
        return self._sorted(condition & Q(pk__in=among(few))).positions(offset=offset, limit=limit)

    def page(self, *, offset: int, limit: int) -> tuple[list[Position], int]:
        """Where the tickets of a page stand, and how many there are in all, counted up to CAP."""
        if not self.words:
            return self._walk(self.within).page(offset=offset, limit=limit, cap=CAP)
        if not self.terms:
            return [], 0
        few = search.few(self._question)
        if few is None:
            all_of_them = self._sorted(self.within & Q(search__document=self._question))
            return self._common(self.within, offset, limit), all_of_them.count(CAP)
        return self._sorted(self.within & Q(pk__in=among(few))).page(offset=offset, limit=limit, cap=CAP)

    @property
    def terms(self) -> search.Terms:
        return search.parse(self.words) if isinstance(self.words, str) else self.words

    def whole(self) -> Q:
        """Condition and words as one condition, for counting many selections at once."""
        if not self.words:
            return self.within
        return self.within & Q(search.matches(self._question)) if self.terms else NOTHING

    @property
    def _question(self) -> SearchQuery:
        return search.question(self.terms, self.actor)

    def _common(self, condition: Q, offset: int, limit: int) -> list[Position]:
        """Of common words: walk down from the top, but not for ever, in case they occur in old tickets only."""
        for steps in WALKS:
            newest = [pk for _, pk in self._walk(condition).positions(limit=steps)]
            among_them = self._sorted(Q(pk__in=among(newest)) & Q(search.matches(self._question)))
            found = among_them.positions(offset=offset, limit=limit)
            if len(found) == limit or len(newest) < steps:
                return found
        everywhere = self._sorted(condition & Q(search__document=self._question))
        return everywhere.positions(offset=offset, limit=limit)

    def _sorted(self, condition: Q) -> Walk:
        return Walk([policy.visible(self.actor).filter(condition)], self.order)

    def _walk(self, condition: Q) -> Walk:
        """All that meet the condition, branch by branch of the actor's reach."""
        agent = self.actor.agent
        if agent is None or self.actor.is_system or not policy.may_see_any(self.actor):
            return self._sorted(condition)
        branches = [Ticket.objects.filter(branch & condition) for branch in policy.reach(agent)]
        return Walk(branches, self.order)


def in_order(ids: Sequence[int], rows: QuerySet[Ticket]) -> list[Ticket]:
    """The tickets with these ids, in the order of the ids, loaded as `rows` says."""
    by_id = rows.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]
