"""What the API answers with about macros and triggers, described for the OpenAPI document. Nothing is rendered with
these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Id, Text
from automations.models import Clock, Occasion, Outcome, Property
from automations.step_kinds import KINDS
from tickets.models import Sharing


class Step(serializers.Serializer[Any]):
    """One thing that is done."""

    do = serializers.ChoiceField(list(KINDS))
    value = serializers.JSONField(
        allow_null=True, help_text="With what: rows by id, `me` for whoever acts, null for nobody or no team."
    )


class Macro(serializers.Serializer[Any]):
    """Steps that agents take often, under one name."""

    id = Id()
    name = Text()
    steps = serializers.ListField(child=Step(), help_text="What it does, in order.")
    sharing = serializers.ChoiceField(
        Sharing.values, help_text="Who uses it: everyone; one team; only its owner."
    )
    team = Id(allow_null=True, help_text="The id of the team, where it is shared with one.")
    owner = Id(allow_null=True, help_text="The id of the agent who made it.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MacroFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")
    sharing = serializers.ChoiceField(Sharing.values)
    team = serializers.CharField(help_text="The id of a team, or `none`.")
    owner = Id(help_text="The agent with this id made it.")


class Trigger(serializers.Serializer[Any]):
    """When something happens, or some hours after it, and conditions hold, the helpdesk takes these steps itself."""

    id = Id()
    name = Text()
    active = serializers.BooleanField(help_text="Whether it is switched on.")
    position = serializers.IntegerField(min_value=0, help_text="Those with a smaller number act first.")
    occasions = serializers.ListField(
        child=serializers.ChoiceField(Occasion.values), help_text="What it answers at once."
    )
    properties = serializers.ListField(
        child=serializers.ChoiceField(Property.values),
        help_text="Of `changed`, only changes of these. Empty: of anything.",
    )
    clock = serializers.ChoiceField(
        Clock.values, allow_null=True, help_text="What hours are counted since, if it counts hours."
    )
    hours = serializers.IntegerField(min_value=1, allow_null=True, help_text="So many hours later.")
    condition = Text(help_text="A filter, which may also ask about the event.")
    steps = serializers.ListField(child=Step(), help_text="What it does, in order.")
    failures = serializers.IntegerField(min_value=0, help_text="How often in a row it has failed.")
    switched_off_because = Text(help_text="Why the helpdesk switched it off, or empty.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TriggerFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")
    active = serializers.BooleanField(help_text="Only those that are switched on, or only others.")


class TriggerRun(serializers.Serializer[Any]):
    """One time that a trigger's conditions held."""

    id = Id()
    ticket = Id()
    event = Id(help_text="The id of the event that it answered, or with which its hours began.")
    outcome = serializers.ChoiceField(
        Outcome.values,
        help_text="done; nothing: all was so already; failed: nothing was changed; stopped: it would not have ended.",
    )
    steps_taken = serializers.IntegerField(min_value=0)
    problem = Text(help_text="Why it failed or was stopped, or empty.")
    milliseconds = serializers.IntegerField(min_value=0)
    at = serializers.DateTimeField()
