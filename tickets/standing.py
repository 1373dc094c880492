"""The standing views of the workspace: what they hold, in which order, and how many."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.counting import Count
from accounts.keyset import Order
from accounts.models import Agent
from accounts.policy import team_ids
from activity.actor import Actor
from tickets import clocks, counting, policy
from tickets.lists import NEWEST, Selection
from tickets.models import Category, Mention


@dataclass(frozen=True, slots=True)
class StandingView:
    key: str
    name: Promise
    condition: Callable[[Agent], Q]
    empty: Promise
    order: Order = NEWEST
    query: str = ""
    """The same in the filter language, for programs."""
    by_the_clock: bool = False
    """Whether its condition is another one each moment."""

    def selection(self, actor: Actor) -> Selection:
        assert actor.agent is not None
        return Selection(actor, self.condition(actor.agent), order=self.order)


def _in(category: Category) -> Q:
    return Q(category=category, unresolved=True)


def _waiting() -> Q:
    """Open tickets that somebody should look at now."""
    return _in(Category.OPEN) & Q(snoozed_until=None)


def _mentions(agent: Agent) -> Q:
    return Q(Exists(Mention.objects.filter(message__ticket=OuterRef("pk"), agent=agent)))


VIEWS: dict[str, StandingView] = {
    view.key: view
    for view in (
        StandingView(
            "mine",
            _("Mine"),
            lambda agent: _waiting() & Q(assignee=agent),
            _("Nothing waits for you. Take something from Unassigned."),
            query="status:open -is:snoozed assignee:me",
        ),
        StandingView(
            "unassigned",
            _("Unassigned"),
            lambda agent: _waiting() & Q(assignee=None),
            _("Every open ticket has somebody who looks after it."),
            query="status:open -is:snoozed assignee:none",
        ),
        StandingView(
            "teams",
            _("My teams"),
            lambda agent: _waiting() & Q(team__in=team_ids(agent)),
            _("No open tickets in your teams."),
            query="status:open -is:snoozed team:mine",
        ),
        StandingView(
            "open",
            _("All open"),
            lambda agent: _waiting(),
            _("No open tickets. A good day to write down what you know."),
            query="status:open -is:snoozed",
        ),
        StandingView(
            "due",
            _("Breaching soon"),
            lambda agent: clocks.due_before(timezone.now() + timedelta(hours=4)),
            _("No clock runs out within four hours."),
            order=Order("sla_due_at", descending=False),
            query="sla:due<4h",
            by_the_clock=True,
        ),
        StandingView(
            "pending",
            _("Pending"),
            lambda agent: _in(Category.PENDING),
            _("No ticket waits for its contact."),
            query="status:pending",
        ),
        StandingView(
            "snoozed",
            _("Snoozed"),
            lambda agent: Q(snoozed_until__isnull=False),
            _("No ticket is snoozed. What can wait until a certain day appears here, the next one first."),
            order=Order("snoozed_until", descending=False),
            query="is:snoozed",
        ),
        StandingView(
            "solved",
            _("Recently solved"),
            lambda agent: Q(category=Category.SOLVED),
            _("Nothing has been solved yet. Solved tickets appear here, the latest first."),
            query="status:solved",
        ),
        StandingView(
            "mentions",
            _("Mentions"),
            _mentions,
            _(
                "Nobody has called you. Notes with “@” and your name appear here, whatever became of the ticket."
            ),
            query="mentions:me",
        ),
    )
}

_MOST_KEPT = 5_000
_kept: dict[tuple[str, Hashable], Count] = {}


def counts(actor: Actor) -> list[Count]:
    """How each view is counted for the actor. Kept, because every page asks and nothing but his reach changes it."""
    assert actor.agent is not None
    agent = actor.agent
    seen = (agent.pk, agent.role.reach, *team_ids(agent), policy.may_see_any(actor))
    return [_count(view, actor, seen) for view in VIEWS.values()]


def _count(view: StandingView, actor: Actor, seen: Hashable) -> Count:
    known = _kept.get((view.key, seen))
    if known is None:
        known = counting.count_of_tickets(view.selection(actor))
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        if not view.by_the_clock:
            _kept[view.key, seen] = known
    return known
