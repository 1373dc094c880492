"""`/channels`: where tickets come from."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Team
from activity.models import Event
from tests.factories import ticket
from tests.robot import reason, robot
from tickets.models import Channel

pytestmark = pytest.mark.django_db


def test_a_channel_is_made_used_changed_and_deleted(root: Agent, support: Team) -> None:
    r = robot(root)
    made = r.post("/channels", {"name": "Our shop", "kind": "shop", "default_team": "Support"}).json()["data"]
    assert made == {"id": made["id"], "name": "Our shop", "kind": "shop", "default_team": support.pk}
    new = {"subject": "Hi", "message": "Hi", "contact": "carol@customer.example", "channel": "our shop"}
    case = r.post("/tickets", new).json()["data"]
    assert (case["channel"], case["team"]) == (made["id"], support.pk)
    assert r.patch(f"/channels/{made['id']}", {"default_team": None}).json()["data"]["default_team"] is None
    assert [row["id"] for row in r.get("/channels?kind=shop&name=OUR SHOP").json()["data"]] == [made["id"]]
    refused = r.delete(f"/channels/{made['id']}")
    assert (refused.status_code, reason(refused)) == (409, "in_use")
    assert "1 ticket" in refused.json()["error"]["message"]
    r.delete(f"/tickets/{case['id']}")
    assert r.delete(f"/channels/{made['id']}").status_code == 204
    kinds = Event.objects.filter(subject_type="channel", subject_id=made["id"]).order_by("id")
    assert list(kinds.values_list("type", flat=True)) == [
        "channel.created",
        "channel.changed",
        "channel.deleted",
    ]


def test_a_name_is_taken_once(root: Agent) -> None:
    known = Channel.objects.create(name="Shop")
    answer = robot(root).post("/channels", {"name": "Shop"})
    assert (answer.status_code, answer.json()["error"]["existing"]) == (409, known.pk)


def test_an_everyday_agent_reads_channels_and_changes_none(alice: Agent, support: Team) -> None:
    shop = Channel.objects.create(name="Shop", default_team=support)
    ticket(channel=shop)
    r = robot(alice)
    answer = r.get(f"/channels/{shop.pk}?include=default_team").json()
    assert answer["linked"]["team"][str(support.pk)]["name"] == "Support"
    for refused in (
        r.post("/channels", {"name": "Mine"}),
        r.patch(f"/channels/{shop.pk}", {"name": "Mine"}),
        r.delete(f"/channels/{shop.pk}"),
    ):
        assert (refused.status_code, reason(refused)) == (403, "agent_permission")
