"""Which events triggers answer, and which ones begin a stretch of time that they count."""

from __future__ import annotations

from activity.models import Event
from automations.facts import changed_fields
from automations.models import Clock, Occasion, Trigger
from tickets.models import Direction, Message

_SAID = {
    "ticket.opened": [Occasion.OPENED],
    "ticket.message_received": [Occasion.CONTACT_REPLIED],
    "ticket.replied": [Occasion.AGENT_REPLIED, Occasion.PROGRAM_REPLIED],
    "ticket.noted": [Occasion.NOTED],
}
_OF_STATUS = ("ticket.solved", "ticket.closed", "ticket.reopened", "ticket.status_changed")
_CHANGES = (
    *_OF_STATUS, "ticket.assigned", "ticket.moved", "ticket.priority_changed", "ticket.tagged", "ticket.subject_edited",
    "ticket.external_id_changed", "ticket.fields_changed", "ticket.snoozed", "ticket.woken",
)  # fmt: skip

TYPES: dict[str, list[Occasion]] = {**_SAID, **{kind: [Occasion.CHANGED] for kind in _CHANGES}}
"""Type of event → the occasions that it can be."""

BEGINNINGS: dict[str, tuple[str, ...]] = {
    Clock.OPENED: ("ticket.opened",),
    Clock.CONTACT_WROTE: ("ticket.opened", "ticket.message_received"),
    Clock.AGENT_REPLIED: ("ticket.opened", "ticket.replied"),
    Clock.STATUS_CHANGED: ("ticket.opened", *_OF_STATUS),
}
"""The types of events with which a stretch of time begins, and the one before it ends."""


def of(event: Event) -> list[str]:
    """What an event is an occasion for."""
    if event.type != "ticket.replied":
        return [occasion.value for occasion in TYPES.get(event.type, [])]
    if event.key_id is not None:
        return [Occasion.PROGRAM_REPLIED.value]
    return [Occasion.AGENT_REPLIED.value] if event.agent_id is not None else []


def answers(trigger: Trigger, event: Event) -> bool:
    """Does the trigger answer an event of this kind at once?"""
    happened = set(of(event)) & set(trigger.occasions)
    if happened != {Occasion.CHANGED.value} or not trigger.properties:
        return bool(happened)
    return bool(changed_fields(event) & set(trigger.properties))


def begins(event: Event, clock: str) -> bool:
    """Does a stretch of this clock begin with the event? What the helpdesk says by itself begins none."""
    if event.type not in BEGINNINGS.get(clock, ()) or event.facts.get("quiet"):
        return False
    if event.type == "ticket.replied":
        return event.agent_id is not None or event.key_id is not None
    if event.type == "ticket.opened" and clock in {Clock.CONTACT_WROTE, Clock.AGENT_REPLIED}:
        return _first_said(event) == (Direction.IN if clock == Clock.CONTACT_WROTE else Direction.OUT)
    return True


def _first_said(event: Event) -> str | None:
    first = Message.objects.filter(ticket=event.subject_id).order_by("created_at", "id")
    return first.values_list("direction", flat=True).first()


def goes_on(event: Event, clock: str) -> bool:
    """Did nothing end the stretch that began with the event?"""
    later = Event.objects.filter(
        subject_type="ticket", subject_id=event.subject_id, type__in=BEGINNINGS[clock]
    )
    return not any(begins(other, clock) for other in later.filter(pk__gt=event.pk)[:50])
