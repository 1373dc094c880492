"""What the verbs accept that change one thing about a ticket."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.inputs import AgentReference, CustomFieldValues, Input, TeamReference
from tickets.inputs.references import (
    MessageReference,
    PriorityField,
    StatusReference,
    TagNames,
    TicketReference,
)


class AssignInput(Input):
    assignee = AgentReference(allow_null=True)


class StatusInput(Input):
    status = StatusReference()


class PriorityInput(Input):
    priority = PriorityField()


class TeamInput(Input):
    team = TeamReference(allow_null=True)


class TagsInput(Input):
    tags = TagNames()


class SubjectInput(Input):
    subject = serializers.CharField(max_length=250)


class LanguageInput(Input):
    language = serializers.CharField(max_length=12, allow_blank=True)


class FieldsInput(Input):
    custom_fields = CustomFieldValues(required=True)


class MergeInput(Input):
    into = TicketReference()


class SplitInput(Input):
    message = MessageReference()
    following = serializers.BooleanField(default=False)
    subject = serializers.CharField(max_length=250, required=False, allow_blank=True)


class LinkInput(Input):
    ticket = TicketReference()


class SnoozeInput(Input):
    until = serializers.DateTimeField()


class FollowInput(Input):
    agent = AgentReference(required=False)
