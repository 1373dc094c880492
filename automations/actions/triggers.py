"""The verbs on triggers. What a trigger does it does with the helpdesk's own rights: administrators alone make them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import configure, notify
from accounts.actions.refusal import Refused, Taken
from accounts.models import Agent
from accounts.permissions import Permission
from accounts.policy import require
from accounts.sentences import gettext as _
from accounts.sentences import in_english, keep
from activity.actor import Actor, system_actor
from activity.recording import record
from automations import conditions, steps
from automations.models import Occasion, Trigger
from tickets.filters import FilterError

_CHECKED = {"condition", "steps", "occasions", "properties", "clock", "hours"}


@transaction.atomic
def create_trigger(*, actor: Actor, **fields: Any) -> Trigger:
    """Make a trigger: name, condition, steps, and either occasions, or a clock and hours. Raises Refused."""
    require(actor, Permission.ADMIN)
    trigger = Trigger(**fields)
    _check(trigger)
    _begin_to_count(trigger)
    configure.save(trigger, actor=actor)
    return trigger


@transaction.atomic
def change_trigger(trigger: Trigger, *, actor: Actor, **fields: Any) -> Trigger:
    """Change the given fields. Switched on again, it starts afresh: hours that passed meanwhile are not made up for."""
    require(actor, Permission.ADMIN)
    now = Trigger.objects.select_for_update(no_key=True).get(pk=trigger.pk)
    was = (now.active, now.clock, now.hours)
    if fields.get("occasions") and "clock" not in fields:
        fields |= {"clock": "", "hours": None}
    if fields.get("clock") and "occasions" not in fields:
        fields |= {"occasions": [], "properties": []}
    changed = {name for name, value in fields.items() if getattr(now, name) != value}
    for name, value in fields.items():
        setattr(now, name, value)
    # What is broken can still be switched off.
    if changed & _CHECKED or (now.active and fields.keys() & _CHECKED) or (now.active and not was[0]):
        _check(now)
    _check_name(now)
    if now.active and not was[0]:
        now.failures, now.switched_off_because, now.switched_off_kept = 0, "", None
    if was != (now.active, now.clock, now.hours):
        _begin_to_count(now)
    configure.save(now, actor=actor)
    return now


@transaction.atomic
def delete_trigger(trigger: Trigger, *, actor: Actor) -> None:
    """With the log of its runs; history keeps its name."""
    configure.remove(trigger, actor=actor)


@transaction.atomic
def switch_off(trigger: Trigger, *, because: str) -> None:
    """Stop a trigger that keeps failing, and tell the administrators."""
    now = Trigger.objects.select_for_update(no_key=True).filter(pk=trigger.pk, active=True).first()
    if now is None:
        return
    kept = keep(because)
    now.active, now.switched_off_because, now.switched_off_kept = False, in_english(kept), kept
    now.save(update_fields=["active", "switched_off_because", "switched_off_kept"])
    changes, told = {"active": (True, False)}, now.switched_off_because[:500]
    event = record(system_actor(), "trigger.switched_off", now, changes=changes, because=told)
    admins = Agent.objects.active().people().filter(role__permissions__contains=[Permission.ADMIN.value])
    notify(admins, "trigger_switched_off", event=event, because=kept)


def _begin_to_count(trigger: Trigger) -> None:
    """Stretches of time that are long enough already were not meant."""
    hours = timedelta(hours=trigger.hours or 0)
    trigger.counted_to = timezone.now() - hours if trigger.clock and trigger.active else None


def _check(trigger: Trigger) -> None:
    _check_name(trigger)
    _check_when(trigger)
    try:
        conditions.check(trigger.condition)
    except FilterError as error:
        place = _("At character %(n)s: %(excerpt)s") % {"n": error.position + 1, "excerpt": error.excerpt}
        raise Refused("condition", "invalid_filter", f"{error.message} {place}") from None
    steps.check(trigger.steps, Trigger)


def _check_when(trigger: Trigger) -> None:
    if not trigger.occasions and not trigger.clock:
        raise Refused(
            "occasions", "required", _("Say when it acts: at least one occasion, or hours that pass.")
        )
    if trigger.occasions and trigger.clock:
        message = _("Either it answers what happens, or it counts hours. Make two triggers for both.")
        raise Refused("clock", "invalid", message)
    if bool(trigger.clock) != bool(trigger.hours):
        raise Refused("hours", "required", _("Give the hours and what they are counted since, or neither."))
    if trigger.properties and Occasion.CHANGED not in trigger.occasions:
        message = _("Choose what changes only together with “something about the ticket changes”.")
        raise Refused("properties", "invalid", message)


def _check_name(trigger: Trigger) -> None:
    others = Trigger.objects.filter(name__iexact=trigger.name).exclude(pk=trigger.pk)
    other = others.values_list("pk", flat=True).first()
    if other is not None:
        raise Taken("name", _("There is a trigger “%(name)s” already.") % {"name": trigger.name}, other)
