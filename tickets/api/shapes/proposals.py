"""What bots propose."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import Id, Text
from tickets.api.shapes.messages import Via
from tickets.api.shapes.tickets import _PRIORITIES
from tickets.models import ProposalKind, ProposalState


class ProposedChangesShown(serializers.Serializer[Any]):
    """Only what is proposed is there: rows by their ids."""

    status = Id(required=False)
    assignee = Id(required=False, allow_null=True)
    team = Id(required=False, allow_null=True)
    priority = serializers.ChoiceField(_PRIORITIES, required=False)
    tags = serializers.ListField(child=Text(), required=False)


class Proposal(serializers.Serializer[Any]):
    """A reply, a note or a change that waits for an agent, or what became of it."""

    id = Id()
    ticket = Id()
    kind = serializers.ChoiceField(ProposalKind.values)
    state = serializers.ChoiceField(ProposalState.values)
    body = Text(help_text="Of a reply or a note, in Markdown.")
    changes = ProposedChangesShown()
    reason = Text(help_text="Why it was proposed.")
    version = Id(help_text="The version of the ticket that it was made for.")
    agent = Id(allow_null=True, help_text="The agent as whom it was proposed.")
    via = Via()
    created_at = serializers.DateTimeField()
    decided_by = Id(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    answer = Text(help_text="Why it was declined.")


class ProposalFilters(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ProposalState.values)
    kind = serializers.ChoiceField(ProposalKind.values)
