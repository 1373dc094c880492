"""Tags, channels, templates and views."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import LINKED, Id, Text
from tickets.models import ChannelKind, Sharing
from tickets.models.view import Sort


class Tag(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    group = Id(allow_null=True, help_text="The id of the tag group that it belongs to.")


class TagGroup(serializers.Serializer[Any]):
    """Tags that belong together. A tag is in one group at most."""

    id = Id()
    name = Text()
    tags = serializers.ListField(child=Id(), help_text="The ids of its tags.")


class Channel(serializers.Serializer[Any]):
    """Where tickets come from."""

    id = Id()
    name = Text()
    kind = serializers.ChoiceField(ChannelKind.values)
    default_team = Id(allow_null=True, help_text="The id of the team that its tickets go to.")


class Template(serializers.Serializer[Any]):
    """A reply that was written once."""

    id = Id()
    name = Text()
    body = Text(help_text="Markdown with placeholders such as {{ticket.number}}.")
    sharing = serializers.ChoiceField(
        Sharing.values, help_text="Who uses it: everyone; one team; only its owner."
    )
    team = Id(allow_null=True, help_text="The id of the team, where it is shared with one.")
    owner = Id(allow_null=True, help_text="The id of the agent who wrote it.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RenderedTemplate(serializers.Serializer[Any]):
    template = Id()
    ticket = Id(allow_null=True)
    text = Text(help_text="Markdown, to be sent as the `body` of a reply.")


class View(serializers.Serializer[Any]):
    """A filter under a name. Whoever asks finds his own tickets through it, no others."""

    id = Id()
    name = Text()
    query = Text(help_text="The filter, as `q` of `/tickets` takes it.")
    sharing = serializers.ChoiceField(
        Sharing.values, help_text="Who sees it: everyone; one team; only its owner."
    )
    team = Id(allow_null=True, help_text="The id of the team, where it is shared with one.")
    owner = Id(help_text="The id of the agent who keeps it.")
    sort = serializers.ChoiceField(Sort.values, help_text="The order of its tickets.")
    position = serializers.IntegerField(min_value=0, help_text="Views with a smaller number stand higher.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StandingView(serializers.Serializer[Any]):
    """A view that every agent has. Its tickets are those of `/tickets?q=` with its filter."""

    key = Text()
    name = Text()
    query = Text()


class ViewCount(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    count = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Null where it cannot be counted."
    )
    is_capped = serializers.BooleanField(help_text="Counting stops at 1,000: there are more.")
    problem = Text(allow_null=True, help_text="Why it cannot be counted: its filter names what is gone, say.")


class StandingCount(StandingView):
    count = serializers.IntegerField(min_value=0)
    is_capped = serializers.BooleanField()
    problem = Text(allow_null=True)


class ViewCounts(serializers.Serializer[Any]):
    """How many tickets each view holds for the acting agent."""

    standing = StandingCount(many=True)
    saved = ViewCount(
        many=True, help_text="The first 100 of the agent's own views and those shared with him."
    )


class RenderFor(serializers.Serializer[Any]):
    ticket = Id(help_text="The id of the ticket whose facts are filled in.")


LINKED |= {"tag": Tag, "tag_group": TagGroup}
