"""Views, tags, channels and templates."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.inputs import Choice, Input, TeamReference
from tickets.inputs.references import TagGroupReference
from tickets.models import ChannelKind, Sharing
from tickets.models.view import Sort


class ViewInput(Input):
    name = serializers.CharField(max_length=100)
    query = serializers.CharField(max_length=500)
    sharing = Choice(Sharing.choices, required=False)
    team = TeamReference(required=False, allow_null=True)
    sort = Choice(Sort.choices, required=False)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)


class TagInput(Input):
    name = serializers.CharField(max_length=60)
    group = TagGroupReference(required=False, allow_null=True)


class TagGroupInput(Input):
    name = serializers.CharField(max_length=60)


class ChannelInput(Input):
    name = serializers.CharField(max_length=100)
    kind = Choice(ChannelKind.choices, required=False)
    default_team = TeamReference(required=False, allow_null=True)


class TemplateInput(Input):
    name = serializers.CharField(max_length=100)
    body = serializers.CharField(max_length=20_000, trim_whitespace=False)
    sharing = Choice(Sharing.choices, required=False)
    team = TeamReference(required=False, allow_null=True)
