"""What happened in a ticket since an agent looked at it last."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from activity.actor import Actor
from tickets import policy
from tickets.models import Message, Ticket


def written_since(ticket: Ticket, actor: Actor, seen: int) -> QuerySet[Message]:
    """What others wrote after the message with this id. What a key wrote in the agent's name is others'."""
    own = Q(agent=actor.agent, contact=None, key_id=None)
    rows = policy.visible_messages(actor).filter(ticket__in=policy.conversation(ticket), pk__gt=seen)
    return rows.exclude(own).select_related("agent", "contact").prefetch_related("attachments").order_by("id")
