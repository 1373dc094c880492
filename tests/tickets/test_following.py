"""Agents follow tickets to hear of them. It shows them nothing that they could not see before."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, ticket
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


def test_whoever_reads_a_ticket_may_follow_it(alice: Agent) -> None:
    case, reader = ticket(), robot(alice, access_level="read")
    version = case.version
    for _twice in range(2):
        data = reader.post(f"/tickets/{case.pk}/follow", {}).json()["data"]
        assert (data["followers"], data["version"]) == ([alice.pk], version)
    assert Event.objects.filter(type="ticket.followed").count() == 1
    for query in ("follower=me", f"follower={alice.pk}", "follower=alice@desk.example", "q=follower:me"):
        assert [row["id"] for row in reader.get(f"/tickets?{query}").json()["data"]] == [case.pk], query
    assert (
        reader.get("/tickets?include=followers").json()["linked"]["agent"][str(alice.pk)]["name"] == "Alice"
    )
    assert "Alice follows the ticket" in sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert reader.post(f"/tickets/{case.pk}/unfollow", {}).json()["data"]["followers"] == []
    assert reader.get("/tickets?follower=me").json()["data"] == []


def test_to_choose_for_others_is_to_write(her: Robot, alice: Agent, bob: Agent, billing: Team) -> None:
    case = ticket(team=billing)
    reader = robot(alice, access_level="read")
    answer = reader.post(f"/tickets/{case.pk}/follow", {"agent": bob.pk})
    assert (answer.status_code, answer.json()["error"]["required_scopes"]) == (403, ["tickets:write"])
    assert her.post(f"/tickets/{case.pk}/follow", {"agent": "bob@desk.example"}).json()["data"][
        "followers"
    ] == [bob.pk]
    assert reason(reader.post(f"/tickets/{case.pk}/unfollow", {"agent": bob.pk})) == "insufficient_scope"
    assert her.post(f"/tickets/{case.pk}/unfollow", {"agent": bob.pk}).json()["data"]["followers"] == []


def test_following_does_not_extend_reach(her: Robot, bob: Agent, support: Team, billing: Team) -> None:
    hidden, his = ticket(team=support), ticket(team=billing)
    answer = her.post(f"/tickets/{hidden.pk}/follow", {"agent": bob.pk})
    assert answer.json()["error"]["fields"]["agent"][0]["code"] == "cannot_follow"
    assert robot(bob).post(f"/tickets/{hidden.pk}/follow", {}).status_code == 404
    her.post(f"/tickets/{his.pk}/follow", {"agent": bob.pk})
    her.post(f"/tickets/{his.pk}/team", {"team": "Support"})
    assert robot(bob).get(f"/tickets/{his.pk}").status_code == 404
    assert robot(bob).get("/tickets?follower=me").json()["data"] == []


def test_a_disabled_agent_is_made_no_follower(her: Robot) -> None:
    gone = AgentFactory(name="Gone", is_active=False)
    answer = her.post(f"/tickets/{ticket().pk}/follow", {"agent": gone.pk})
    assert answer.status_code == 422
