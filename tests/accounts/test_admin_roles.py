"""What each role may do is ticked in a grid."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Role
from accounts.permissions import Permission
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, role

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/role/"


def change(agent: Agent, of: Role, **changes: Any) -> Any:
    fields = {"name": of.name, "reach": of.reach, "permissions": of.permissions, **changes}
    if of.enters_admin:
        fields.setdefault("enters_admin", "on")
    kept = {name: value for name, value in fields.items() if value is not None}
    return sign_in(agent).post(f"{LIST}{of.pk}/change/", kept)


def test_the_grid_offers_every_right_there_is(root: Agent) -> None:
    page = sign_in(root).get(f"{LIST}add/").content.decode()
    missing = [p for p in Permission if f'value="{p}"' not in page]
    assert missing == []


def test_root_makes_a_role(root: Agent) -> None:
    sign_in(root).post(
        f"{LIST}add/",
        {"name": "Triage", "reach": "unassigned", "permissions": ["tickets:write", "tickets:read"]},
    )
    triage = Role.objects.get(name="Triage")
    assert (triage.permissions, triage.reach, triage.enters_admin) == (
        ["tickets:read", "tickets:write"],
        "unassigned",
        False,
    )
    assert Event.objects.about(triage).get().type == "role.created"


def test_a_narrower_role_acts_with_the_next_request(root: Agent, alice: Agent) -> None:
    hers = sign_in(alice)
    assert hers.get("/views/open/").status_code == 200
    change(root, alice.role, permissions=["tags:read"])
    assert list(Event.objects.about(alice.role).get().changes) == ["permissions"]
    assert alice.role.name not in hers.get("/admin/").content.decode()


def test_a_made_up_right_is_refused(root: Agent) -> None:
    answer = change(root, role("Agent"), permissions=["tickets:read", "tickets:everything"])
    assert "tickets:everything is not one of the available choices" in answer.content.decode()


@pytest.mark.parametrize("less", [{"permissions": ["tickets:read"]}, {"enters_admin": None}])
def test_the_only_role_that_administers_stays_so(root: Agent, less: dict[str, Any]) -> None:
    answer = change(root, root.role, **less)
    assert "Only agents with this role administer the helpdesk" in answer.content.decode()
    assert Role.objects.get(pk=root.role_id).administers


def test_a_role_in_use_cannot_be_deleted_and_says_why(root: Agent, alice: Agent) -> None:
    page = f"{LIST}{alice.role_id}/delete/"
    client = sign_in(root)
    assert "agents" in client.get(page).content.decode().split("still needs it:")[1]
    client.post(page, {"post": "yes"})
    assert Role.objects.filter(pk=alice.role_id).exists()


def test_a_role_nobody_has_is_deleted_and_history_keeps_its_name(root: Agent) -> None:
    spare = role("Spare")
    sign_in(root).post(f"{LIST}{spare.pk}/delete/", {"post": "yes"})
    assert not Role.objects.filter(pk=spare.pk).exists()
    assert Event.objects.get(type="role.deleted").subject_label == "Spare"


def test_who_manages_roles_gives_no_right_that_he_lacks(db: None) -> None:
    rights = ["roles:read", "roles:write", "roles:delete", "tickets:read"]
    lena = AgentFactory(name="Lena", role=role("Lead", permissions=rights, enters_admin=True))
    mine, root_role, spare = lena.role, role("Administrator"), role("Spare", permissions=["tickets:read"])
    assert "may not do yourself" in change(lena, mine, permissions=[*rights, "admin"]).content.decode()
    assert "may not do yourself" in change(lena, root_role, permissions=["tickets:read"]).content.decode()
    assert change(lena, spare, permissions=["tickets:read", "roles:read"]).status_code == 302
    sign_in(lena).post(f"{LIST}{root_role.pk}/delete/", {"post": "yes"})
    assert Role.objects.get(pk=root_role.pk).administers
    assert Role.objects.get(pk=mine.pk).permissions == rights


def test_history_shows_who_changed_the_role(root: Agent, alice: Agent) -> None:
    change(root, alice.role, reach="own")
    page = sign_in(root).get(f"{LIST}{alice.role_id}/history/").content.decode()
    assert "role.changed" in page
    assert "Root" in page
