"""What rows of lists tell of others: whether something is new to whoever looks, and who is there at the moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from activity.actor import Actor
from tickets import policy
from tickets.models import Containment, Message, Presence
from tickets.models.ticket import TicketQuerySet

AWAY_AFTER = timedelta(seconds=40)
"""Without a sign of life for so long somebody counts as gone. Pages give one every 15 seconds."""


def recently() -> datetime:
    """Whoever gave a sign of life since then is there."""
    return timezone.now() - AWAY_AFTER


def told(rows: TicketQuerySet, actor: Actor, recently: datetime) -> TicketQuerySet:
    """The tickets with `is_new` and the names of those who are `there`, in the same query."""
    look = FilteredRelation("looks", condition=Q(looks__agent=actor.agent))
    inside = Containment.objects.filter(outer=OuterRef(OuterRef("pk"))).values("inner")
    return rows.annotate(look=look).annotate(
        is_new=Q(Coalesce("look__is_unread", False, output_field=BooleanField()))
        | Exists(_news(actor).filter(ticket=OuterRef("pk")))
        | Exists(_news(actor).filter(ticket__in=inside)),
        there=ArraySubquery(_present(actor, recently)),
    )


def _news(actor: Actor) -> QuerySet[Message]:
    """What others wrote since the agent looked, or since he is here. What a key wrote in his name is others'."""
    rows = Message.objects.filter(
        kind__in=policy.readable_kinds(actor), pk__gt=Coalesce(OuterRef("look__newest"), 0)
    )
    if actor.agent is None:
        return rows.none()
    return rows.filter(created_at__gt=actor.agent.caught_up_at).exclude(agent=actor.agent, key_id=None)


def _present(actor: Actor, recently: datetime) -> QuerySet[Any, Any]:
    rows = Presence.objects.filter(ticket=OuterRef("pk"), seen_at__gt=recently, agent__is_active=True)
    return rows.exclude(agent=actor.agent).order_by("agent__name").values(name=F("agent__name"))[:5]
