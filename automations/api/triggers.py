"""`/triggers` and the log of their runs. What a trigger does it does with the helpdesk's own rights, so all of this
needs `admin`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from accounts.api import filters, lists
from accounts.api.lists import Row
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, BY_NAME, BY_UPDATE, WITHOUT_TIMES, Collection, Member
from accounts.keyset import Order
from accounts.permissions import Permission
from activity.actor import Actor
from automations import actions, policy
from automations.api import shapes
from automations.inputs import TriggerInput
from automations.models import Trigger, TriggerRun

_COLUMNS = (
    "id", "name", "active", "position", "occasions", "properties", "clock", "hours", "condition", "steps", "failures",
    "switched_off_because", "created_at", "updated_at",
)  # fmt: skip
_RUN = ("id", "ticket_id", "event_id", "outcome", "steps_taken", "problem", "milliseconds", "at")


def _trigger(row: Row) -> Row:
    return {name: row[name] for name in _COLUMNS} | {"clock": row["clock"] or None}


def _run(row: Row) -> Row:
    return {name.removesuffix("_id"): row[name] for name in _RUN}


_TRIGGERS = Shown(policy.visible_triggers, dict.fromkeys(_COLUMNS), _trigger, Permission.ADMIN)
_BY_POSITION = {"position": Order("position", False), "-position": Order("position")}


class Triggers(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("triggers.list", Permission.ADMIN, "List triggers"),
        "POST": Operation("triggers.create", Permission.ADMIN, "Make a trigger"),
    }
    shown = _TRIGGERS
    filters = {"name": filters.equals("name__iexact"), "active": filters.flag("active")}
    parameters = lists.PARAMETERS - {"include"} | set(filters)
    listing = lists.Listing(_BY_POSITION | BY_ID | BY_NAME | BY_UPDATE, default="position")
    query = shapes.TriggerFilters
    body = TriggerInput
    answers = {"GET": [shapes.Trigger], "POST": shapes.Trigger}
    creates = True

    def create(self, **given: Any) -> Trigger:
        return actions.create_trigger(actor=self.actor, **given)


class TriggerDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("triggers.read", Permission.ADMIN, "Read a trigger"),
        "PUT": Operation("triggers.update", Permission.ADMIN, "Change a trigger"),
        "PATCH": Operation("triggers.update", Permission.ADMIN, "Change a trigger"),
        "DELETE": Operation("triggers.delete", Permission.ADMIN, "Delete a trigger"),
    }
    shown = _TRIGGERS
    listing = Triggers.listing
    parameters = frozenset()
    body = TriggerInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Trigger)

    def change(self, row: Trigger, **given: Any) -> object:
        return actions.change_trigger(row, actor=self.actor, **given)

    def remove(self, row: Trigger) -> None:
        actions.delete_trigger(row, actor=self.actor)


def _runs(actor: Actor) -> QuerySet[TriggerRun]:
    return TriggerRun.objects.filter(trigger__in=policy.visible_triggers(actor))


class TriggerRuns(Collection):
    """What became of a trigger's latest times."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("triggers.runs", Permission.ADMIN, "List the runs of a trigger"),
    }
    shown = Shown(_runs, dict.fromkeys(_RUN), _run, Permission.ADMIN)
    parameters = WITHOUT_TIMES
    listing = lists.Listing(BY_ID, default="-id", includes={"ticket": "ticket"})
    answers = {"GET": [shapes.TriggerRun]}

    def named(self) -> QuerySet[Trigger]:
        return policy.visible_triggers(self.actor)

    def rows(self) -> QuerySet[TriggerRun]:
        trigger = self.named().get(pk=self.kwargs["pk"])
        return _runs(self.actor).filter(trigger=trigger)
