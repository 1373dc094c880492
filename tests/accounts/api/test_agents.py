"""`/agents`: programs bring people in and out, and never further than their own rights reach."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Role, Team
from activity.models import Event
from tests.factories import AgentFactory, role
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {"name": "Dana", "email": "Dana@Desk.example", "role": "Agent"}


@pytest.fixture
def plain(db: None) -> Role:
    return role("Agent")


@pytest.fixture
def staffing(root: Agent, plain: Role) -> Robot:
    return robot(root, admin_functions=True)


def test_a_person_is_created_and_invited(staffing: Robot, support: Team) -> None:
    made = staffing.post("/agents", NEW | {"teams": ["Support"]})
    assert made.status_code == 201, made.content
    dana = made.json()["data"]
    assert (dana["email"], dana["role"], dana["teams"], dana["active"]) == (
        "dana@desk.example", "Agent", [support.pk], True,
    )  # fmt: skip
    happened = Event.objects.filter(subject_type="agent", subject_id=dana["id"]).order_by("id")
    assert list(happened.values_list("type", flat=True)) == ["agent.created", "agent.invited"]


@pytest.mark.parametrize("more", [{"kind": "service"}, {"invite": False}])
def test_programs_and_whoever_shall_wait_get_no_mail(staffing: Robot, more: dict[str, Any]) -> None:
    made = staffing.post("/agents", NEW | more).json()["data"]
    assert not Event.objects.filter(type="agent.invited", subject_id=made["id"]).exists()


def test_a_service_agent_is_what_a_program_acts_as(staffing: Robot) -> None:
    made = staffing.post("/agents", NEW | {"kind": "service"}).json()["data"]
    sync = Agent.objects.get(pk=made["id"])
    assert not sync.can_sign_in
    assert (
        robot(sync, owner=Agent.objects.get(name="Root")).get("/me").json()["data"]["person"]["name"]
        == "Dana"
    )


def test_an_address_is_taken_once(staffing: Robot, alice: Agent) -> None:
    answer = staffing.post("/agents", NEW | {"email": "ALICE@desk.example"})
    assert (answer.status_code, answer.json()["error"]["existing"]) == (409, alice.pk)
    bob = AgentFactory(name="Bob")
    assert reason(staffing.patch(f"/agents/{bob.pk}", {"email": "Alice@desk.example"})) == "duplicate"


def test_role_teams_and_availability_change(staffing: Robot, alice: Agent, billing: Team) -> None:
    light = role("Light agent")
    changed = staffing.patch(
        f"/agents/{alice.pk}", {"role": light.pk, "teams": ["Billing"], "available": False}
    )
    data = changed.json()["data"]
    assert (data["role"], data["teams"], data["available"]) == ("Light agent", [billing.pk], False)
    assert staffing.patch(f"/agents/{alice.pk}", {"teams": []}).json()["data"]["teams"] == []
    event = Event.objects.about(alice).order_by("id")[0]
    assert set(event.changes) == {"role", "teams", "is_available"}


def test_a_deactivated_agent_is_out_at_once_and_can_come_back(staffing: Robot, alice: Agent) -> None:
    hers = robot(alice)
    assert staffing.post(f"/agents/{alice.pk}/deactivate").json()["data"]["active"] is False
    assert reason(hers.get("/me")) == "agent_disabled"
    assert staffing.post(f"/agents/{alice.pk}/deactivate").status_code == 200
    assert staffing.post(f"/agents/{alice.pk}/activate").json()["data"]["active"] is True
    assert hers.get("/me").status_code == 200
    changes = [event.changes for event in Event.objects.about(alice).order_by("id")]
    assert changes == [{"is_active": [True, False]}, {"is_active": [False, True]}]


def test_a_tag_that_denies_deactivating_denies_it_in_an_update_too(root: Agent, alice: Agent) -> None:
    r = robot(root, admin_functions=True, tags=["*", "-agents.deactivate"])
    answer = r.patch(f"/agents/{alice.pk}", {"active": False})
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "tag")
    alice.refresh_from_db()
    assert alice.is_active


def test_the_last_administrator_stays(staffing: Robot, root: Agent) -> None:
    answer = staffing.post(f"/agents/{root.pk}/deactivate")
    assert (answer.status_code, reason(answer)) == (422, "invalid")
    assert "last active administrator" in answer.json()["error"]["message"]


def test_agents_are_never_deleted(staffing: Robot, alice: Agent) -> None:
    assert reason(staffing.delete(f"/agents/{alice.pk}")) == "method_not_allowed"


def test_a_password_cannot_be_set(staffing: Robot, alice: Agent) -> None:
    answer = staffing.patch(f"/agents/{alice.pk}", {"password": "x"})
    assert (answer.status_code, reason(answer)) == (422, "unknown_field")


def test_agents_are_found(alice: Agent, bob: Agent, billing: Team) -> None:
    AgentFactory(name="Sync", kind="service")
    r = robot(alice)
    for query in ("email=BOB@desk.example", f"team={billing.pk}", f"role={bob.role.pk}", f"ids={bob.pk}"):
        assert [row["id"] for row in r.get(f"/agents?{query}").json()["data"]] == [bob.pk], query
    assert [row["name"] for row in r.get("/agents?kind=service").json()["data"]] == ["Sync"]
    assert [row["name"] for row in r.get("/agents?sort=-name").json()["data"]] == ["Sync", "Bob", "Alice"]
    assert r.get("/agents?include=teams").json()["linked"]["team"][str(billing.pk)]["agents"] == [bob.pk]


# --- Nobody widens anything ---------------------------------------------------------------------------------


@pytest.fixture
def lead(billing: Team) -> Agent:
    """May manage agents, and otherwise only read Billing's tickets."""
    permissions = ["agents:read", "agents:write", "roles:read", "teams:read", "tickets:read"]
    return AgentFactory(
        name="Lead", teams=[billing], role=role("Lead", permissions=permissions, reach="teams")
    )


def refused_as_widening(answer: Any) -> None:
    assert answer.status_code == 403, answer.content
    assert answer.json()["error"]["decided_by"] == "widening"


def test_nobody_creates_an_agent_who_may_do_more(lead: Agent, plain: Role, support: Team) -> None:
    reader = role("Reader", permissions=["tickets:read"], reach="teams")
    everywhere = role("Everywhere", permissions=["tickets:read"], reach="all")
    r = robot(lead)
    refused_as_widening(r.post("/agents", NEW))
    refused_as_widening(r.post("/agents", NEW | {"role": everywhere.pk}))
    refused_as_widening(r.post("/agents", NEW | {"role": reader.pk, "teams": [support.pk]}))
    assert not Agent.objects.filter(name="Dana").exists()
    assert r.post("/agents", NEW | {"role": reader.pk, "teams": ["Billing"]}).status_code == 201


def test_nobody_widens_himself_or_takes_over_whoever_has_more(
    lead: Agent, alice: Agent, plain: Role, support: Team
) -> None:
    r = robot(lead)
    refused_as_widening(r.patch(f"/agents/{lead.pk}", {"role": plain.pk}))
    refused_as_widening(r.patch(f"/agents/{lead.pk}", {"teams": [support.pk]}))
    refused_as_widening(r.patch(f"/agents/{alice.pk}", {"email": "lead+alice@desk.example"}))
    refused_as_widening(r.post(f"/agents/{alice.pk}/deactivate"))


def test_nobody_takes_over_an_account_of_another_teams_reach(lead: Agent, support: Team) -> None:
    peer = AgentFactory(name="Peer", role=lead.role, teams=[support])
    refused_as_widening(robot(lead).patch(f"/agents/{peer.pk}", {"email": "lead+peer@desk.example"}))


def test_a_keys_grant_bounds_what_it_hands_out(root: Agent, plain: Role) -> None:
    """Root may do everything. His key may only manage agents, so it makes none who may do more than that."""
    r = robot(root, access_level="custom", scopes=["agents:read", "agents:write"])
    refused_as_widening(r.post("/agents", NEW))
    refused_as_widening(r.patch(f"/agents/{root.pk}", {"name": "Somebody"}))
    nothing = role("Nothing")
    assert r.post("/agents", NEW | {"role": nothing.pk}).status_code == 201


def test_a_full_key_without_admin_functions_makes_no_administrator(root: Agent) -> None:
    refused_as_widening(robot(root).post("/agents", NEW | {"role": "Administrator"}))
