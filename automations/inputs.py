"""What macros and triggers accept from outside: the values of steps are read by the inputs of the verbs they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from rest_framework import serializers

from accounts.api.inputs import AgentReference, Choice, Input, Reference, TeamReference
from automations import policy
from automations.models import Clock, Macro, Occasion, Property, Webhook
from automations.models.trigger import MOST_HOURS
from automations.step_kinds import KINDS, ME, MOST_NAMED, MOST_NOTE, MOST_SNOOZED
from automations.steps import MOST
from tickets import policy as tickets
from tickets.catalogue import VERBS
from tickets.models import Sharing, Tag, Template
from tickets.models.tag import normalize_tag


class TemplateReference(Reference):
    model, kind, form = Template, "template", "a template's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return tickets.visible_templates(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class TagReference(Reference):
    model, kind, form = Tag, "tag", "a tag's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return tickets.visible_tags(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name=normalize_tag(name))


class MacroReference(Reference):
    model, kind, form = Macro, "macro", "a macro's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_macros(self.context["actor"]).select_related("owner", "team")

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class WebhookReference(Reference):
    model, kind, form = Webhook, "webhook", "a webhook's id or name"

    def rows(self) -> models.QuerySet[Any]:
        return policy.visible_webhooks(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class TagsInput(Input):
    value = serializers.ListField(child=TagReference(), min_length=1, max_length=MOST_NAMED)


class TemplateInput(Input):
    value = TemplateReference()


class WebhookInput(Input):
    value = WebhookReference()


class TextInput(Input):
    value = serializers.CharField(max_length=MOST_NOTE, trim_whitespace=False)


class HoursInput(Input):
    value = serializers.IntegerField(min_value=1, max_value=MOST_SNOOZED)


class ToldInput(Input):
    assignee = serializers.BooleanField(default=False)
    agents = serializers.ListField(child=AgentReference(), max_length=MOST_NAMED, default=list)
    teams = serializers.ListField(child=TeamReference(), max_length=MOST_NAMED, default=list)


class NotifyInput(Input):
    value = ToldInput()


def _stored(value: Any) -> Any:
    """As a step keeps it: rows by their ids."""
    match value:
        case models.Choices():
            return value.word if hasattr(value, "word") else value.value
        case models.Model():
            return value.pk
        case list():
            return [_stored(one) for one in value]
        case dict():
            return {name: _stored(one) for name, one in value.items()}
    return value


def _by(schema: type[Input], field: str = "value", *, may_be_me: bool = False) -> Callable[[Any, Any], Any]:
    """Reads a value by one field of an input."""

    def read(value: Any, context: Any) -> Any:
        if may_be_me and value == ME:
            return ME
        given = schema(data={field: value}, context=context)
        if not given.is_valid():
            raise serializers.ValidationError({"value": given.errors.get(field, given.errors)})
        return _stored(given.validated_data[field])

    return read


_READ: dict[str, Callable[[Any, Any], Any]] = {
    "assign": _by(VERBS["tickets.assign"].input, "assignee", may_be_me=True),
    "team": _by(VERBS["tickets.move"].input, "team"),
    "status": _by(VERBS["tickets.status"].input, "status"),
    "priority": _by(VERBS["tickets.priority"].input, "priority"),
    "add_tags": _by(TagsInput),
    "remove_tags": _by(TagsInput),
    "note": _by(TextInput),
    "reply": _by(TemplateInput),
    "snooze": _by(HoursInput),
    "follow": _by(VERBS["tickets.follow"].input, "agent", may_be_me=True),
    "notify": _by(NotifyInput),
    "webhook": _by(WebhookInput),
}


class StepInput(Input):
    """One thing to do. Whether a macro or a trigger can do it, the verb decides that keeps it."""

    do = Choice(list(KINDS), help_text="What to do.")
    value = serializers.JSONField(
        allow_null=True,
        help_text="assign, follow: an agent, or `me` for whoever acts; null assigns to nobody. team: a team, or null. "
        "status: a status. priority: its word. add_tags, remove_tags: a list of tags. note: its text. reply: a "
        "template. snooze: hours. notify (triggers only): `{assignee, agents, teams}`. webhook (triggers only): a "
        "webhook. All by id or name.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"do": attrs["do"], "value": _READ[attrs["do"]](attrs["value"], self.context)}


class Steps(serializers.ListField):
    child = StepInput()

    def __init__(self, **kwargs: Any) -> None:
        usual: dict[str, Any] = {"min_length": 1, "max_length": MOST, "help_text": "What it does, in order."}
        super().__init__(**usual | kwargs)


class MacroInput(Input):
    name = serializers.CharField(max_length=100)
    steps = Steps()
    sharing = Choice(Sharing.choices, required=False)
    team = TeamReference(required=False, allow_null=True)


class ApplyInput(Input):
    macro = MacroReference()


class TriggerInput(Input):
    """Either `occasions`, or `clock` and `hours`."""

    name = serializers.CharField(max_length=100)
    active = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    occasions = serializers.ListField(
        child=Choice(Occasion.choices),
        max_length=len(Occasion),
        required=False,
        help_text="What it answers at once.",
    )
    properties = serializers.ListField(
        child=Choice(Property.choices),
        max_length=len(Property),
        required=False,
        help_text="Of `changed`, only changes of these. Empty: of anything.",
    )
    clock = Choice(Clock.choices, required=False, allow_blank=True, help_text="What hours are counted since.")
    hours = serializers.IntegerField(
        min_value=1, max_value=MOST_HOURS, required=False, allow_null=True, help_text="So many hours later."
    )
    condition = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="A filter, which may also ask about the event: `by:`, `via:`, `door:`, `changed:`, `from:`, `to:`.",
    )
    steps = Steps()
