"""What happened in a ticket since an agent looked at it last."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from activity.models import Event
from tickets import policy
from tickets.models import Message, Ticket
from tickets.views.timeline import TOLD_BY_MESSAGES


def written_since(ticket: Ticket, actor: Actor, seen: int) -> QuerySet[Message]:
    """What others wrote after the message with this id. What a key wrote in the agent's name is others'."""
    own = Q(agent=actor.agent, contact=None, key_id=None)
    rows = policy.visible_messages(actor).filter(ticket__in=policy.conversation(ticket), pk__gt=seen)
    return rows.exclude(own).select_related("agent", "contact").prefetch_related("attachments").order_by("id")


def happened_since(ticket: Ticket, actor: Actor, version: int) -> QuerySet[Event]:
    """What others changed about the ticket since it had this version, besides what they wrote."""
    if Permission.EVENTS_READ not in rights(actor):
        return Event.objects.none()
    own = Q(agent=actor.agent, key_id=None)
    rows = Event.objects.about(ticket).exclude(type__in=TOLD_BY_MESSAGES)
    return rows.filter(facts__version__gt=version).exclude(own)
