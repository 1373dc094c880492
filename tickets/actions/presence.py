"""Who is at a ticket besides oneself. No history: it is gone in less than a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from activity.actor import Actor
from tickets.models import Presence, Ticket
from tickets.news import AWAY_AFTER

TYPING_FOR = timedelta(seconds=20)

# One statement: to say that one is here and how far one has read, and to hear who else is here.
_BE_PRESENT = """
    WITH own AS (
        INSERT INTO tickets_presence (ticket_id, agent_id, seen_at, typed_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (ticket_id, agent_id) DO UPDATE SET seen_at = excluded.seen_at, typed_at = excluded.typed_at
    ), looked AS (
        INSERT INTO tickets_look (ticket_id, agent_id, newest, is_unread)
        SELECT %s, %s, %s, false
        WHERE NOT EXISTS (
            SELECT FROM tickets_look
            WHERE ticket_id = %s AND agent_id = %s AND newest >= %s AND NOT (is_unread AND %s)
        )
        ON CONFLICT (ticket_id, agent_id) DO UPDATE
        SET newest = greatest(tickets_look.newest, excluded.newest), is_unread = tickets_look.is_unread AND NOT %s
    )
    SELECT agent.name, coalesce(other.typed_at > %s, false)
    FROM tickets_presence AS other JOIN accounts_agent AS agent ON agent.id = other.agent_id
    WHERE other.ticket_id = %s AND other.agent_id <> %s AND other.seen_at > %s AND agent.is_active
    ORDER BY 2 DESC, 1 LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    is_typing: bool


def be_present(
    ticket: Ticket, *, actor: Actor, is_typing: bool = False, seen: int = 0, opens: bool = False
) -> list[Colleague]:
    """Say that the actor looks at a ticket that he sees, and hear who else does: the writing ones first.

    `seen` is the newest message in front of him. A ticket that he `opens` is no longer marked as unread.
    """
    assert actor.agent is not None
    now, me, one = timezone.now(), actor.agent.pk, ticket.pk
    present = (one, me, now, now if is_typing else None)
    looked = (one, me, seen, one, me, seen, opens, opens)
    values = (*present, *looked, now - TYPING_FOR, one, me, now - AWAY_AFTER)
    with connection.cursor() as cursor:
        cursor.execute(_BE_PRESENT, values)
        return [Colleague(name, typing) for name, typing in cursor.fetchall()]


def go_away(ticket: Ticket, *, actor: Actor) -> None:
    Presence.objects.filter(ticket=ticket, agent=actor.agent).delete()


def forget_who_left() -> None:
    Presence.objects.filter(seen_at__lt=timezone.now() - timedelta(hours=1)).delete()
