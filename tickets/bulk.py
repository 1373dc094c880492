"""What can be done to many tickets at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from accounts.api.inputs import AgentReference, CustomFieldValues, Input, TeamReference
from activity.actor import Actor
from tickets import actions
from tickets.catalogue import VERBS, Verb
from tickets.inputs import PriorityField, StatusReference, TagNames, TicketReference
from tickets.models import Ticket


class TagChanges(Input):
    """Names of tags to add and to remove, or `set`, the names that shall be all."""

    add = TagNames(required=False)
    remove = TagNames(required=False)
    set = TagNames(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs or ("set" in attrs and len(attrs) > 1):
            raise serializers.ValidationError("Send add or remove or both, or set alone.")
        return attrs


class BulkInput(Input):
    """What shall be done to each of up to 100 tickets: one or several verbs, all of them or none."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=100
    )
    assign = AgentReference(required=False, allow_null=True)
    status = StatusReference(required=False)
    priority = PriorityField(required=False)
    tags = TagChanges(required=False)
    team = TeamReference(required=False, allow_null=True)
    custom_fields = CustomFieldValues()
    merge = TicketReference(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) == 1:
            raise serializers.ValidationError(f"Say what to do: {', '.join(BULK)}.")
        if "merge" in attrs and len(attrs) > 2:
            message = "Merge by itself: nothing else is done to a merged ticket. Change them before."
            raise serializers.ValidationError({"merge": [message]})
        return attrs


def _change_tags(ticket: Ticket, tags: dict[str, list[str]], actor: Actor) -> None:
    if "set" in tags:
        actions.set_tags(ticket, tags=actions.named_tags(tags["set"], actor=actor), actor=actor)
    if "add" in tags:
        actions.add_tags(ticket, tags=actions.named_tags(tags["add"], actor=actor), actor=actor)
    if "remove" in tags:
        actions.remove_tags(ticket, tags=ticket.tags.filter(name__in=tags["remove"]), actor=actor)


BULK: dict[str, tuple[Verb, Callable[[Ticket, Any, Actor], object]]] = {
    "tags": (VERBS["tickets.tag"], _change_tags),
    "custom_fields": (
        VERBS["tickets.fields"],
        lambda ticket, value, actor: actions.set_fields(ticket, values=value, actor=actor),
    ),
    "priority": (
        VERBS["tickets.priority"],
        lambda ticket, value, actor: actions.set_priority(ticket, priority=value, actor=actor),
    ),
    "status": (
        VERBS["tickets.status"],
        lambda ticket, value, actor: actions.set_status(ticket, status=value, actor=actor),
    ),
    "assign": (
        VERBS["tickets.assign"],
        lambda ticket, value, actor: actions.assign(ticket, to=value, actor=actor),
    ),
    "merge": (
        VERBS["tickets.merge"],
        lambda ticket, value, actor: actions.merge(ticket, into=value, actor=actor),
    ),
    # Last, because the ticket may leave the actor's reach with it.
    "team": (
        VERBS["tickets.move"],
        lambda ticket, value, actor: actions.move_to_team(ticket, team=value, actor=actor),
    ),
}
"""In the order in which it is done, each by the rules of its own verb."""
