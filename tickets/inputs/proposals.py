"""What a bot proposes, and what a person answers."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.inputs import AgentReference, Choice, Input, TeamReference
from tickets.inputs.references import PriorityField, StatusReference, TagNames
from tickets.models import ProposalKind
from tickets.text import MAX_BODY


class ProposedChanges(Input):
    """What a proposal would set."""

    status = StatusReference(required=False)
    assignee = AgentReference(required=False, allow_null=True)
    team = TeamReference(required=False, allow_null=True)
    priority = PriorityField(required=False)
    tags = TagNames(required=False, max_length=40)


class NewProposal(Input):
    """A reply or a note (`body`), or a change (`changes`), for an agent to decide about."""

    kind = Choice(ProposalKind.choices)
    body = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True, trim_whitespace=False)
    changes = ProposedChanges(required=False)
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Why: for the agent who decides."
    )


class Approval(Input):
    """How far a proposal is approved: with another text, or with some of its changes only."""

    version = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="The version of the ticket that you looked at. Left out, the one that the proposal was made for.",
    )
    body = serializers.CharField(
        max_length=MAX_BODY, required=False, trim_whitespace=False, help_text="Instead of the proposed text."
    )
    only = serializers.ListField(
        child=Choice(["status", "assignee", "team", "priority", "tags"]),
        required=False,
        help_text="Those of the proposed changes that are made. Left out, all.",
    )


class Refusal(Input):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Why: for whoever proposed it."
    )
