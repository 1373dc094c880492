"""Taking steps: each by the verb that people use, in the caller's transaction, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from accounts.actions import notify
from accounts.actions.refusal import Refused
from accounts.models import Agent, Team
from accounts.policy import as_person
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.models import Event
from automations import steps as vocabulary
from automations.actions.deliveries import call_webhook
from automations.models import Trigger, Webhook
from automations.step_kinds import KINDS, ME, Rows
from automations.steps import Step
from tickets import actions, placeholders, policy
from tickets.actions.writing import Body
from tickets.models import Priority, Status, Tag, Template, Ticket

Reply = Callable[[Ticket, str, Actor], object]
"""How an answer reaches its contact: at once, after a moment to take it back, or by an agent's hand."""


def reply_at_once(ticket: Ticket, text: str, actor: Actor) -> object:
    return actions.reply(ticket, body=Body.from_markdown(text), actor=actor)


@dataclass(frozen=True, slots=True)
class Doing:
    """On whose behalf steps are taken: `me` is whoever acts, or acted, in person or through a program."""

    actor: Actor
    owner: Trigger | Any
    me: Agent | None = None
    event: Event | None = None
    reply: Reply = reply_at_once


def take(steps: Sequence[Step], ticket: Ticket, doing: Doing) -> None:
    """Take every step. Raises Refused, naming the step, NotAllowed, or what else a verb raises."""
    vocabulary.check(steps, type(doing.owner))
    rows = vocabulary.rows_of([steps])
    for number, step in enumerate(steps, 1):
        try:
            _TAKEN[step["do"]](ticket, step["value"], rows, doing)
        except Refused as refused:
            words = KINDS[step["do"]].told(step["value"], rows)
            sentence = _("Step %(number)s (%(step)s): %(why)s")
            told = sentence % {"number": number, "step": words, "why": refused.message}
            raise Refused("steps", refused.code, told) from None
        except Ticket.DoesNotExist:
            if number == 1:
                raise
            sentence = _(
                "Step %(number)s: the ticket left your reach with an earlier step. Put this one before it."
            )
            raise Refused("steps", "out_of_reach", sentence % {"number": number}) from None


def _row(model: type[Model], pk: Any, rows: Rows) -> Any:
    return None if pk is None else rows[model][pk]


def _whom(value: Any, rows: Rows, doing: Doing) -> Agent | None:
    agent: Agent | None = doing.me if value == ME else _row(Agent, value, rows)
    return agent


def _assign(ticket: Ticket, value: Any, rows: Rows, doing: Doing) -> None:
    agent = _whom(value, rows, doing)
    # Where nobody acted (the contact wrote, say), nobody is meant; that takes nothing away from who has it.
    if agent is not None or value is None:
        actions.assign(ticket, to=agent, actor=doing.actor)


def _follow(ticket: Ticket, value: Any, rows: Rows, doing: Doing) -> None:
    agent = _whom(value, rows, doing)
    if agent is not None:
        actions.follow(ticket, agent=agent, actor=doing.actor)


def _note(ticket: Ticket, value: Any, _rows: Rows, doing: Doing) -> None:
    actions.note(ticket, body=Body.from_markdown(_filled(value, ticket, doing)), actor=doing.actor)


def _reply(ticket: Ticket, value: Any, rows: Rows, doing: Doing) -> None:
    template = _row(Template, value, rows)
    seen = policy.visible_templates(as_person(doing.actor)).filter(pk=template.pk).exists()
    if not seen:
        raise Refused("steps", "not_shared", _("The template is not shared with you."))
    doing.reply(ticket, _filled(template.body, ticket, doing), doing.actor)


def _filled(text: str, ticket: Ticket, doing: Doing) -> str:
    now = policy.visible(doing.actor).get(pk=ticket.pk)  # As the steps before have left it.
    return placeholders.fill(text, ticket=now, actor=doing.actor)


def _notify(ticket: Ticket, value: Any, rows: Rows, doing: Doing) -> None:
    chosen = Q(pk__in=value["agents"]) | Q(teams__in=[pk for pk in value["teams"] if pk in rows[Team]])
    now = policy.visible(doing.actor).get(pk=ticket.pk)
    if value["assignee"]:
        chosen |= Q(pk=now.assignee_id)
    people = Agent.objects.active().people().filter(chosen).exclude(pk=_in_person(doing.event)).distinct()
    notify(people, "trigger", about=now, by=doing.owner.name)


def _in_person(event: Event | None) -> int | None:
    """Whoever did it himself knows of it."""
    return event.agent_id if event is not None and event.key_id is None else None


_TAKEN: dict[str, Callable[[Ticket, Any, Rows, Doing], None]] = {
    "assign": _assign,
    "team": lambda ticket, value, rows, doing: _ignore(
        actions.move_to_team(ticket, team=_row(Team, value, rows), actor=doing.actor)
    ),
    "status": lambda ticket, value, rows, doing: _ignore(
        actions.set_status(ticket, status=_row(Status, value, rows), actor=doing.actor)
    ),
    "priority": lambda ticket, value, _rows, doing: _ignore(
        actions.set_priority(ticket, priority=Priority[value.upper()], actor=doing.actor)
    ),
    "add_tags": lambda ticket, value, rows, doing: _ignore(
        actions.add_tags(ticket, tags=[rows[Tag][pk] for pk in value], actor=doing.actor)  # type: ignore[misc]
    ),
    "remove_tags": lambda ticket, value, rows, doing: _ignore(
        actions.remove_tags(ticket, tags=[rows[Tag][pk] for pk in value], actor=doing.actor)  # type: ignore[misc]
    ),
    "note": _note,
    "reply": _reply,
    "snooze": lambda ticket, value, _rows, doing: _ignore(
        actions.snooze(ticket, until=timezone.now() + timedelta(hours=value), actor=doing.actor)
    ),
    "follow": _follow,
    "notify": _notify,
    "webhook": lambda ticket, value, rows, doing: _ignore(
        call_webhook(rows[Webhook][value], about=ticket, actor=doing.actor)  # type: ignore[arg-type]
    ),
}


def _ignore(_done: object) -> None:
    """What a verb answers is of no use here."""
