"""Triggers at work: one event, one trigger, one transaction, at most one run."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts.actions.refusal import Refused
from accounts.policy import NotAllowed
from accounts.sentences import gettext as _
from accounts.sentences import in_english, keep
from activity.actor import Actor, Automation, Door, system_actor
from activity.models import Event
from activity.recording import record
from automations import conditions, occasions
from automations.actions.stepping import Doing, take
from automations.actions.triggers import switch_off
from automations.conditions import Weighed
from automations.models import Outcome, Trigger, TriggerRun
from tickets.filters import FilterError
from tickets.models import Ticket

logger = logging.getLogger(__name__)

MOST_DEPTH = 5
"""Triggers in a row, each answering what the one before it did."""
BUDGET = 30
"""Steps that triggers may take on one ticket within an hour: whatever goes in a circle, perhaps through a program
outside, ends here."""
MOST_FAILURES = 5
"""Failures in a row after which a trigger is switched off."""
KEEP_RUNS = timedelta(days=30)

_EXPECTED = (Refused, NotAllowed, FilterError, ObjectDoesNotExist)


def answer(event: Event) -> None:
    """Run the triggers that answer the event, in their order. One that fails does not hinder the next."""
    happened = occasions.of(event)
    for trigger in Trigger.objects.active().at(happened) if happened else ():
        if occasions.answers(trigger, event):
            run(trigger, event)


def run(trigger: Trigger, event: Event) -> TriggerRun | None:
    """Take the trigger's steps if its conditions hold and it has not run for this event. None when it did nothing.

    What a step refuses undoes the whole run, and is logged. Raises OperationalError for the task to be tried again.
    """
    began = perf_counter()
    try:
        with transaction.atomic():
            made = _run(trigger, event)
    except OperationalError:
        raise
    except _EXPECTED as failure:
        made = _fail(trigger, event, _said(failure))
    except Exception:
        logger.exception("Trigger %s failed for event %s.", trigger.pk, event.pk)
        made = _fail(
            trigger, event, _("Something went wrong that should not. The log of the server says what.")
        )
    if made is not None:
        made.milliseconds = round((perf_counter() - began) * 1000)
        made.save(update_fields=["milliseconds"])
    return made


def _run(trigger: Trigger, event: Event) -> TriggerRun | None:
    ticket = _held(event)
    if ticket is None or _is_own(trigger, event) or _has_run(trigger, event):
        return None
    if not conditions.holds(trigger.condition, ticket, event):
        return None
    if why := _too_much(trigger, ticket, event):
        return _stop(trigger, ticket, event, why)
    made = TriggerRun.objects.create(
        trigger=trigger, event=event, ticket=ticket, outcome=Outcome.DONE, steps_taken=len(trigger.steps)
    )
    take(trigger.steps, ticket, _doing(trigger, event))
    if not effects([made]) and not any(step["do"] == "notify" for step in trigger.steps):
        made.outcome, made.steps_taken = Outcome.NOTHING, 0
        made.save(update_fields=["outcome", "steps_taken"])
    if trigger.failures:
        Trigger.objects.filter(pk=trigger.pk).update(failures=0)
    return made


def _held(event: Event) -> Ticket | None:
    """The ticket, held until the transaction ends: of one ticket only one trigger runs at a time."""
    rows = Ticket.objects.select_for_update(of=("self",))
    return rows.filter(pk=event.subject_id, merged_into=None).first()


def _is_own(trigger: Trigger, event: Event) -> bool:
    """A trigger never answers what it did itself."""
    by = event.facts.get("automation") or {}
    return by.get("kind") == "trigger" and by.get("id") == trigger.pk


def _has_run(trigger: Trigger, event: Event) -> bool:
    return TriggerRun.objects.filter(trigger=trigger, event=event).exists()


def _depth(event: Event) -> int:
    return int((event.facts.get("automation") or {}).get("depth", 0))


def _too_much(trigger: Trigger, ticket: Ticket, event: Event) -> str:
    if _depth(event) >= MOST_DEPTH:
        return "depth"
    lately = TriggerRun.objects.filter(ticket=ticket, at__gt=timezone.now() - timedelta(hours=1))
    taken = lately.aggregate(steps=Sum("steps_taken"))["steps"] or 0
    return "budget" if taken + len(trigger.steps) > BUDGET else ""


def _stop(trigger: Trigger, ticket: Ticket, event: Event, why: str) -> TriggerRun:
    """Not this time; the ticket says why, once an hour."""
    said = Event.objects.about(ticket).filter(
        type="ticket.automation_stopped", at__gt=timezone.now() - timedelta(hours=1), facts__reason=why
    )
    if not said.exists():
        actor = system_actor(because_of=event.pk)
        record(actor, "ticket.automation_stopped", ticket, trigger=trigger.pk, name=trigger.name, reason=why)
    told = _told(stopped_because(why))
    return TriggerRun.objects.create(
        trigger=trigger, event=event, ticket=ticket, outcome=Outcome.STOPPED, **told
    )


def stopped_because(why: str) -> str:
    if why == "depth":
        return _("%(n)s triggers in a row answered each other.") % {"n": MOST_DEPTH}
    return _("Triggers may take %(n)s steps on a ticket within an hour.") % {"n": BUDGET}


def _doing(trigger: Trigger, event: Event) -> Doing:
    automation = Automation("trigger", trigger.pk, trigger.name, _depth(event) + 1)
    actor = Actor(Door.SYSTEM, because_of=event.pk, automation=automation)
    return Doing(actor, trigger, me=event.agent, event=event)


def _said(failure: Exception) -> str:
    match failure:
        case Refused() | FilterError():
            return failure.message
        case NotAllowed():
            return failure.decision.sentence
    return str(failure)


def _told(problem: str) -> dict[str, Any]:
    """The columns that keep it: for programs, and for people in their languages."""
    kept = keep(problem)
    return {"problem": in_english(kept)[:2_000], "problem_kept": kept}


@transaction.atomic
def _fail(trigger: Trigger, event: Event, problem: str) -> TriggerRun | None:
    ticket = Ticket.objects.filter(pk=event.subject_id).first()
    if ticket is None:
        return None
    made, is_new = TriggerRun.objects.get_or_create(
        trigger=trigger,
        event=event,
        defaults={"ticket": ticket, "outcome": Outcome.FAILED, **_told(problem)},
    )
    if not is_new:
        return None
    Trigger.objects.filter(pk=trigger.pk).update(failures=F("failures") + 1)
    if Trigger.objects.filter(pk=trigger.pk, failures__gte=MOST_FAILURES).exists():
        sentence = _("It failed %(n)s times in a row, last on ticket %(ticket)s: %(problem)s")
        switch_off(trigger, because=sentence % {"n": MOST_FAILURES, "ticket": ticket.pk, "problem": problem})
    return made


def effects(runs: Iterable[TriggerRun]) -> dict[int, list[Event]]:
    """What runs did, by the event that they answered and their trigger: for those that did something."""
    wanted = {(run.event_id, run.trigger_id): run.pk for run in runs}
    events = Event.objects.filter(
        cause__in={event for event, _trigger in wanted}, facts__automation__kind="trigger"
    )
    found: dict[int, list[Event]] = {}
    for event in events.select_related("agent", "contact").order_by("id"):
        made = wanted.get((event.cause_id or 0, event.facts["automation"]["id"]))
        if made is not None:
            found.setdefault(made, []).append(event)
    return found


# --- Rehearsing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a trigger would make of an event: whether it answers it, each condition, and what would change."""

    answers: bool
    is_own: bool
    weighed: Weighed | None
    changes: list[Event]
    problem: str = ""

    @property
    def acts(self) -> bool:
        return (
            self.answers
            and not self.is_own
            and bool(self.weighed and self.weighed.holds)
            and not self.problem
        )


def rehearse(trigger: Trigger, ticket: Ticket, event: Event) -> Rehearsal:
    """Do it and take it back. Nothing is kept, queued or sent."""
    answers = occasions.begins(event, trigger.clock) if trigger.clock else occasions.answers(trigger, event)
    weighed, problem = None, ""
    changes: list[Event] = []
    with transaction.atomic():
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            weighed = conditions.weigh(trigger.condition, ticket, event)
            with transaction.atomic():
                take(trigger.steps, ticket, _doing(trigger, event))
            made = Event.objects.about(ticket).filter(pk__gt=last, cause=event)
            changes = list(made.select_related("agent", "contact").order_by("pk"))
        except _EXPECTED as failure:
            problem = str(failure)
        transaction.set_rollback(True)
    return Rehearsal(answers, _is_own(trigger, event), weighed, changes, problem)


def forget_old_runs() -> None:
    TriggerRun.objects.filter(at__lt=timezone.now() - KEEP_RUNS).delete()
