"""`/teams` and `/roles`: what agents belong to. Nobody widens anything beyond his own rights."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Team
from activity.models import Event
from tests.factories import AgentFactory, TeamFactory, role, ticket
from tests.robot import reason, robot
from tickets.models import Channel, Template

pytestmark = pytest.mark.django_db


def test_a_team_is_made_with_members_and_changes_them(root: Agent, alice: Agent, bob: Agent) -> None:
    r = robot(root)
    made = r.post("/teams", {"name": "Returns", "agents": [alice.pk, "bob@desk.example"]})
    assert made.status_code == 201
    assert made.json()["data"] == {
        "id": made.json()["data"]["id"], "name": "Returns", "description": "",
        "agents": sorted([alice.pk, bob.pk]),
    }  # fmt: skip
    number = made.json()["data"]["id"]
    assert r.patch(f"/teams/{number}", {"agents": [bob.pk]}).json()["data"]["agents"] == [bob.pk]
    assert r.patch(f"/teams/{number}", {"description": "Back"}).json()["data"]["agents"] == [bob.pk]
    linked = r.get(f"/teams/{number}?include=agents").json()["linked"]["agent"]
    assert linked[str(bob.pk)]["name"] == "Bob"
    changed = Event.objects.filter(type="team.changed", subject_id=number).order_by("id").first()
    assert changed is not None
    assert [each["name"] for each in changed.changes["agents"][1]] == ["Bob"]


def test_a_team_with_tickets_stays_and_says_how_many(root: Agent, support: Team) -> None:
    case = ticket(team=support)
    ticket(team=support)
    r = robot(root)
    answer = r.delete(f"/teams/{support.pk}")
    assert (answer.status_code, reason(answer)) == (409, "in_use")
    assert "Support still has 2 tickets" in answer.json()["error"]["message"]
    case.refresh_from_db()
    assert case.team == support


def test_who_does_not_see_the_tickets_is_not_told_their_number(support: Team, billing: Team) -> None:
    ticket(team=support)
    lead = AgentFactory(
        name="Lead", teams=[billing],
        role=role("Lead", permissions=["teams:read", "teams:delete", "tickets:read"], reach="teams"),
    )  # fmt: skip
    sentence = robot(lead).delete(f"/teams/{support.pk}").json()["error"]["message"]
    assert "none of which you may see" in sentence
    assert "1" not in sentence


def test_an_empty_team_goes_and_channels_forget_it(root: Agent) -> None:
    returns = TeamFactory(name="Returns")
    shop = Channel.objects.create(name="Shop", default_team=returns)
    assert robot(root).delete(f"/teams/{returns.pk}").status_code == 204
    shop.refresh_from_db()
    assert shop.default_team is None


def test_a_team_with_templates_stays(root: Agent, support: Team) -> None:
    Template.objects.create(name="Hi", body="Hi", sharing="team", team=support)
    answer = robot(root).delete(f"/teams/{support.pk}")
    assert (answer.status_code, reason(answer)) == (409, "in_use")
    assert "templates" in answer.json()["error"]["message"]


def test_a_name_is_taken_once(root: Agent, support: Team) -> None:
    answer = robot(root).post("/teams", {"name": "Support"})
    assert (answer.status_code, answer.json()["error"]["existing"]) == (409, support.pk)


def test_nobody_opens_a_teams_tickets_that_he_does_not_see(bob: Agent, support: Team, billing: Team) -> None:
    permissions = ["teams:read", "teams:write", "agents:read", "tickets:read"]
    lead = AgentFactory(
        name="Lead", teams=[billing], role=role("Lead", permissions=permissions, reach="teams")
    )
    r = robot(lead)
    answer = r.patch(f"/teams/{support.pk}", {"agents": [lead.pk]})
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "widening")
    assert not support.agents.filter(pk=lead.pk).exists()
    assert r.patch(f"/teams/{billing.pk}", {"agents": [lead.pk, bob.pk]}).status_code == 200


def test_teams_are_found_by_name_and_member(alice: Agent, support: Team, billing: Team) -> None:
    r = robot(alice)
    assert [row["id"] for row in r.get("/teams?name=SUPPORT").json()["data"]] == [support.pk]
    assert [row["id"] for row in r.get(f"/teams?agent={alice.pk}").json()["data"]] == [support.pk]
    assert [row["name"] for row in r.get("/teams?sort=-name").json()["data"]] == ["Support", "Billing"]
    assert reason(r.get("/teams?agent=alice")) == "invalid_parameter"
    assert reason(r.get("/teams?updated_since=2020-01-01T00:00:00Z")) == "unknown_parameter"


def test_roles_are_read_with_what_they_allow_and_never_written(root: Agent) -> None:
    clerk = role("Clerk", permissions=["tickets:read", "notes:read"], reach="teams")
    r = robot(root)
    assert r.get(f"/roles/{clerk.pk}").json()["data"] == {
        "id": clerk.pk,
        "name": "Clerk",
        "permissions": ["notes:read", "tickets:read"],
        "reach": "teams",
        "enters_admin": False,
    }
    assert [row["id"] for row in r.get("/roles?name=clerk").json()["data"]] == [clerk.pk]
    for answer in (
        r.post("/roles", {"name": "Mine"}),
        r.patch(f"/roles/{clerk.pk}", {}),
        r.delete(f"/roles/{clerk.pk}"),
    ):
        assert (answer.status_code, reason(answer)) == (405, "method_not_allowed")
