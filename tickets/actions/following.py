from __future__ import annotations

from django.db import transaction

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.permissions import Permission
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.recording import record
from tickets import policy
from tickets.actions.locking import locked, name_of
from tickets.models import Ticket


@transaction.atomic
def follow(ticket: Ticket, *, actor: Actor, agent: Agent | None = None) -> Ticket:
    """Let an agent, the actor himself unless another is named, hear of what happens to the ticket.

    That somebody reads along changes nothing about the ticket: it gets no new version and keeps its place.
    """
    ticket, agent = _who(ticket, agent, actor)
    if ticket.followers.contains(agent):
        return ticket
    if not agent.is_active or not policy.can(Actor(actor.door, agent=agent), Permission.TICKETS_READ, ticket):
        raise Refused(
            "agent",
            "cannot_follow",
            _("%(agent)s may not see this ticket, and so cannot follow it.") % {"agent": agent.name},
        )
    ticket.followers.add(agent)
    record(actor, "ticket.followed", ticket, agent=name_of(agent))
    return ticket


@transaction.atomic
def unfollow(ticket: Ticket, *, actor: Actor, agent: Agent | None = None) -> Ticket:
    ticket, agent = _who(ticket, agent, actor)
    if not ticket.followers.contains(agent):
        return ticket
    ticket.followers.remove(agent)
    record(actor, "ticket.unfollowed", ticket, agent=name_of(agent))
    return ticket


def _who(ticket: Ticket, agent: Agent | None, actor: Actor) -> tuple[Ticket, Agent]:
    """Whoever may read a ticket may follow it; to choose for others is to write."""
    agent = agent or actor.agent
    own = agent == actor.agent
    ticket = locked(ticket, actor, Permission.TICKETS_READ if own else Permission.TICKETS_WRITE)
    if agent is None:
        raise Refused("agent", "required", _("Nobody is acting who could follow a ticket. Name an agent."))
    return ticket, agent
