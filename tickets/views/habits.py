"""How somebody sends: with which status, and where he goes then. Kept with the agent, for every machine of his."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import actions as people
from accounts.models import AfterSending, Agent, SendsAs
from activity.actor import Actor
from tickets.forms import MessageForm
from tickets.models import MessageKind

Told = Mapping[str, Any]
"""A status as `in_full` tells it."""


@dataclass(frozen=True, slots=True)
class Habit:
    after: str
    status: Told | None
    others: list[Told | None]
    """What else can be sent with; None is no change of the status."""


def habit_of(agent: Agent, statuses: Sequence[Told]) -> Habit:
    status = next((status for status in statuses if status["category"] == agent.sends_as), None)
    return Habit(agent.after_sending, status, [one for one in (None, *statuses) if one != status])


def remember(form: MessageForm, actor: Actor) -> None:
    """What was chosen for a reply is what is offered for the next one."""
    if form.cleaned_data["kind"] == MessageKind.REPLY:
        status, after = form.cleaned_data["status"], form.cleaned_data["after"]
        category = status.category if status and status.category in SendsAs.values else SendsAs.UNCHANGED
        people.remember_sending(actor=actor, after=after or AfterSending.STAY, status=category)
