"""Queries whose SQL is kept: everybody is asked for by himself, and what cannot be kept is refused at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.kept import Kept
from accounts.models import Agent, Team
from activity.actor import Actor, Door
from tests.factories import AgentFactory, ticket
from tickets import policy
from tickets.models import Ticket


@Kept
def _of_these(actor: Actor, numbers: list[int], since: datetime) -> QuerySet[Ticket]:
    return policy.visible(actor).filter(pk__in=numbers, created_at__gt=since).order_by("pk")


def _seen(agent: Agent, tickets: list[Ticket], since: datetime) -> list[Ticket]:
    return _of_these(
        Actor(Door.WEB, agent=Agent.objects.get(pk=agent.pk)), [one.pk for one in tickets], since
    )


def test_agents_of_one_role_share_the_sql_and_not_the_tickets(
    bob: Agent, billing: Team, support: Team, root: Agent
) -> None:
    before = timezone.now()
    sue = AgentFactory(name="Sue", role=bob.role, teams=[support])
    pat = AgentFactory(name="Pat", role=bob.role, teams=[support, billing])
    billed, supported, own = ticket(team=billing), ticket(team=support), ticket(assignee=bob)
    everything = [billed, supported, own]
    for _again in range(2):
        assert _seen(bob, everything, before) == [billed, own]
        assert _seen(sue, everything, before) == [supported]
        assert _seen(pat, everything, before) == [billed, supported]
        assert _seen(root, everything, before) == everything
        assert _seen(root, everything[1:], before) == everything[1:]
        assert _seen(root, everything, timezone.now()) == []
    bob.role.permissions = []
    bob.role.save()
    assert _seen(bob, everything, before) == [], "What a role loses, its agents lose at once."


def test_rows_are_whole_and_cost_one_query(root: Agent, support: Team) -> None:
    one, before = ticket(subject="A lost parcel", team=support), datetime(2020, 1, 1, tzinfo=UTC)
    actor = Actor(Door.WEB, agent=root)
    _of_these(actor, [one.pk], before)
    with CaptureQueriesContext(connection) as asked:
        (found,) = _of_these(actor, [one.pk], before)
        assert (found.subject, found.team_id, found.version) == (one.subject, support.pk, one.version)
    assert len(asked) == 1


@Kept
def _by_the_clock(actor: Actor) -> QuerySet[Ticket]:
    return policy.visible(actor).filter(created_at__gt=timezone.now())


@Kept
def _next(actor: Actor, number: int) -> QuerySet[Ticket]:
    return policy.visible(actor).filter(pk=number + 1)


@Kept
def _asking(actor: Actor) -> QuerySet[Ticket]:
    return Ticket.objects.filter(pk__in=list(policy.visible(actor).values_list("pk", flat=True)))


@Kept
def _by_name(actor: Actor) -> QuerySet[Ticket]:
    assert actor.agent is not None
    return policy.visible(actor).filter(subject=actor.agent.name)


def test_what_would_be_true_once_only_is_not_kept(root: Agent) -> None:
    actor = Actor(Door.WEB, agent=root)
    with pytest.raises(TypeError, match="moment"):
        _by_the_clock(actor)
    with pytest.raises(TypeError, match="something else with a value"):
        _next(actor, 7)
    with pytest.raises(TypeError, match="something else with a value"):
        _by_name(actor)
    with pytest.raises(TypeError, match="must not ask another"):
        _asking(actor)
