"""The steps that triggers and macros take: whether they can be taken, and how they are told.

A step is stored as `{"do": …, "value": …}`; its value names rows by id. Doors may be told names: they look them up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.sentences import gettext as _
from automations.models import Trigger, Webhook
from automations.step_kinds import KINDS, Rows, kinds
from tickets import placeholders
from tickets.models import Template

MOST = 20
"""Steps of one macro or trigger."""

Step = dict[str, Any]


def check(steps: Sequence[Step], owner: type[Model]) -> None:
    """Raises Refused, naming the step, for what cannot be done or names what is not there."""
    if not steps:
        raise Refused("steps", "required", _("Say what shall be done: add at least one step."))
    if len(steps) > MOST:
        raise Refused("steps", "too_many", _("There can be at most %(n)s steps.") % {"n": MOST})
    for number, step in enumerate(steps, 1):
        _check_form(number, step, owner)
    for sentence in broken(steps, owner):
        raise Refused("steps", "gone", sentence)


def _check_form(number: int, step: Step, owner: type[Model]) -> None:
    kind = kinds(owner).get(step.get("do", ""))
    if kind is None or set(step) != {"do", "value"}:
        sentence = _("there is nothing of this name to do. There are: %(known)s.")
        raise _refused(number, "invalid", sentence % {"known": ", ".join(kinds(owner))})
    if not kind.fits(step["value"]):
        raise _refused(number, "invalid", kind.how)


def _refused(number: int, code: str, why: str | Promise) -> Refused:
    return Refused("steps", code, _("Step %(number)s: %(why)s") % {"number": number, "why": why})


def broken(steps: Sequence[Step], owner: type[Model]) -> list[str]:
    """What steps name that is gone or cannot be used, in sentences."""
    return list(_broken(steps, owner, rows_of([steps])))


def _broken(steps: Sequence[Step], owner: type[Model], rows: Rows) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        for why in _faults(step, owner, rows):
            yield _("Step %(number)s: %(why)s") % {"number": number, "why": why}


def _faults(step: Step, owner: type[Model], rows: Rows) -> Iterator[str]:
    for model, pk in KINDS[step["do"]].named(step["value"]):
        row, kind = rows[model].get(pk), model._meta.verbose_name
        if row is None:
            yield _("the %(kind)s %(id)s does not exist any more. Choose another one.") % {
                "kind": kind,
                "id": pk,
            }
        elif isinstance(row, Agent) and not (row.is_active and row.is_person):
            yield _("%(name)s is no active person. Choose somebody else.") % {"name": row.name}
        elif isinstance(row, Webhook) and not row.is_active:
            yield _("the webhook “%(name)s” is off. Switch it on, or choose another one.") % {
                "name": row.name
            }
        elif isinstance(row, Template):
            yield from _unfit_text(row.body, owner)
    if step["do"] == "note":
        yield from _unfit_text(step["value"], owner)


def _unfit_text(text: str, owner: type[Model]) -> Iterator[str]:
    try:
        placeholders.check(text)
    except Refused as refused:
        yield refused.message
    if owner is Trigger and names_an_agent(text):
        yield _(
            "this text names the agent who writes ({{agent.…}}), and a trigger is none. Choose another text."
        )


def names_an_agent(text: str) -> bool:
    return any(name in placeholders.AGENT_FACTS for name, _start in placeholders.named(text))


def rows_of(lists: Iterable[Sequence[Step]]) -> Rows:
    """The rows that all these steps name: one query for each kind."""
    wanted: dict[type[Model], set[int]] = defaultdict(set)
    for steps in lists:
        for step in steps:
            for model, pk in KINDS[step["do"]].named(step["value"]):
                wanted[model].add(pk)
    found: Rows = defaultdict(dict)
    for model, ids in wanted.items():
        rows: QuerySet[Any] = model._default_manager.filter(pk__in=ids)
        found[model] = {row.pk: row for row in rows}
    return found


def told(steps: Sequence[Step], rows: Rows | None = None) -> list[str]:
    """Each step in words."""
    rows = rows_of([steps]) if rows is None else rows
    return [KINDS[step["do"]].told(step["value"], rows) for step in steps]
