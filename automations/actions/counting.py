"""Triggers that act when hours have passed. A stretch of time begins with an event, and is asked about once.

Each trigger remembers up to where it has counted. What became due while no worker ran is found when one does; what is
found twice has run already (`trigger_run_once`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from activity.models import Event
from automations.actions.running import run
from automations.models import Trigger
from automations.occasions import BEGINNINGS, begins, goes_on

AT_ONCE = 500


def count_hours() -> None:
    for trigger in Trigger.objects.active().timed():
        _count(trigger)


def _count(trigger: Trigger) -> None:
    """Ask about every stretch that has lasted as long since it was asked last, oldest first."""
    until = timezone.now() - timedelta(hours=trigger.hours or 0)
    after = (trigger.counted_to or until, 0)
    while begun := _begun(trigger, after, until):
        for event in begun:
            if begins(event, trigger.clock) and goes_on(event, trigger.clock):
                run(trigger, event)
        after = (begun[-1].at, begun[-1].pk)
        _remember(trigger, begun[-1].at)
    _remember(trigger, until)


def _begun(trigger: Trigger, after: tuple[datetime, int], until: datetime) -> list[Event]:
    at, pk = after
    rows = Event.objects.filter(
        subject_type="ticket", type__in=BEGINNINGS[trigger.clock], at__range=(at, until)
    )
    rows = rows.filter(Q(at__gt=at) | Q(pk__gt=pk)).select_related("agent", "contact")
    return list(rows.order_by("at", "id")[:AT_ONCE])


def _remember(trigger: Trigger, moment: datetime) -> None:
    """Unless an administrator set it anew meanwhile, or switched it off."""
    now = Trigger.objects.active().filter(pk=trigger.pk, clock=trigger.clock, hours=trigger.hours)
    now.filter(counted_to__lt=moment).update(counted_to=moment)
