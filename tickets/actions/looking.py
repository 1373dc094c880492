"""How far somebody has read. No history: it concerns nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from tickets import policy
from tickets.models import Look, Ticket

# One statement, whatever the number of tickets; what was merged into a ticket is part of it.
_READ = """
    INSERT INTO tickets_look (ticket_id, agent_id, newest, is_unread)
    SELECT ticket.id, %s, greatest(
        coalesce((SELECT max(id) FROM tickets_message WHERE ticket_id = ticket.id), 0),
        coalesce((SELECT max(message.id) FROM tickets_containment AS inside
                  JOIN tickets_message AS message ON message.ticket_id = inside.inner_id
                  WHERE inside.outer_id = ticket.id), 0)), false
    FROM unnest(%s::bigint[]) AS ticket (id)
    ON CONFLICT (ticket_id, agent_id) DO UPDATE SET newest = excluded.newest, is_unread = false
"""


@transaction.atomic
def mark_unread(tickets: Iterable[Ticket], *, actor: Actor) -> None:
    """Let the tickets stand in the actor's lists as if something new had come."""
    looks = [Look(ticket_id=pk, agent=actor.agent, is_unread=True) for pk in _readable(tickets, actor)]
    Look.objects.bulk_create(
        looks, update_conflicts=True, unique_fields=["ticket", "agent"], update_fields=["is_unread"]
    )


@transaction.atomic
def mark_read(tickets: Iterable[Ticket], *, actor: Actor) -> None:
    """Nothing of what these tickets hold now is news to the actor."""
    assert actor.agent is not None
    with connection.cursor() as cursor:
        cursor.execute(_READ, [actor.agent.pk, _readable(tickets, actor)])


def _readable(tickets: Iterable[Ticket], actor: Actor) -> list[int]:
    """In one order for everybody, so that nobody waits for each other in a circle."""
    require(actor, Permission.TICKETS_READ)
    rows = policy.visible(actor).filter(pk__in=[ticket.pk for ticket in tickets])
    return sorted(rows.values_list("pk", flat=True))
