"""`/channels`: where tickets come from."""

from __future__ import annotations

from typing import Any, ClassVar

from accounts import actions as people
from accounts.api import filters, lists
from accounts.api.lists import Row
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, BY_NAME, WITHOUT_TIMES, Collection, Member
from accounts.permissions import Permission
from tickets import policy
from tickets.api import shapes
from tickets.inputs import ChannelInput
from tickets.models import Channel, ChannelKind


def _channel(row: Row) -> Row:
    return {"id": row["id"], "name": row["name"], "kind": row["kind"], "default_team": row["default_team_id"]}


_CHANNELS = Shown(
    policy.visible_channels,
    dict.fromkeys(("id", "name", "kind", "default_team_id")),
    _channel,
    Permission.CHANNELS_READ,
)


class Channels(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("channels.list", Permission.CHANNELS_READ, "List channels"),
        "POST": Operation("channels.create", Permission.CHANNELS_WRITE, "Create a channel"),
    }
    shown = _CHANNELS
    filters = {
        "name": filters.equals("name__iexact"),
        "kind": filters.choice("kind", ChannelKind.values),
    }
    parameters = WITHOUT_TIMES | set(filters)
    listing = lists.Listing(BY_ID | BY_NAME, default="id", includes={"default_team": "team"})
    query = shapes.ChannelFilters
    body = ChannelInput
    answers = {"GET": [shapes.Channel], "POST": shapes.Channel}
    creates = True

    def create(self, **given: Any) -> Channel:
        return people.create(Channel, actor=self.actor, **given)


class ChannelDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("channels.read", Permission.CHANNELS_READ, "Read a channel"),
        "PUT": Operation("channels.update", Permission.CHANNELS_WRITE, "Change a channel"),
        "PATCH": Operation("channels.update", Permission.CHANNELS_WRITE, "Change a channel"),
        "DELETE": Operation("channels.delete", Permission.CHANNELS_DELETE, "Delete a channel"),
    }
    shown = _CHANNELS
    listing = Channels.listing
    body = ChannelInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Channel)

    def change(self, row: Channel, **given: Any) -> object:
        return people.change(row, actor=self.actor, **given)

    def remove(self, row: Channel) -> None:
        people.remove(row, actor=self.actor)
