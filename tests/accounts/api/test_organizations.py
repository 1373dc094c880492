"""`/organizations`, as an integration that keeps a CRM in step meets them."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Organization
from activity.models import Event
from tests.factories import AgentFactory, ContactFactory, OrganizationFactory, role, ticket
from tests.robot import reason, robot

pytestmark = pytest.mark.django_db


def test_an_organization_is_created_read_changed_and_deleted(root: Agent) -> None:
    r = robot(root)
    created = r.post("/organizations", {"name": "Acme Ltd", "external_id": "crm-77"})
    assert created.status_code == 201
    number = created.json()["data"]["id"]
    assert created.headers["Location"].endswith(f"/api/v1/organizations/{number}")
    assert r.get(f"/organizations/{number}").json()["data"]["external_id"] == "crm-77"
    assert (
        r.patch(f"/organizations/{number}", {"notes": "Pays by invoice."}).json()["data"]["name"]
        == "Acme Ltd"
    )
    assert r.delete(f"/organizations/{number}").status_code == 204
    assert r.get(f"/organizations/{number}").status_code == 404
    happened = Event.objects.filter(subject_type="organization", subject_id=number)
    assert sorted(happened.values_list("type", flat=True)) == [
        "organization.changed", "organization.created", "organization.deleted",
    ]  # fmt: skip


def test_saying_the_same_again_changes_nothing(root: Agent) -> None:
    acme = OrganizationFactory(name="Acme Ltd")
    assert robot(root).put(f"/organizations/{acme.pk}", {"name": "Acme Ltd"}).status_code == 200
    assert not Event.objects.about(acme).exists()


def test_its_contacts_and_tickets_stay_without_it(root: Agent) -> None:
    acme = OrganizationFactory()
    carol = ContactFactory(name="Carol", organization=acme)
    case = ticket(contact=carol)
    assert robot(root).delete(f"/organizations/{acme.pk}").status_code == 204
    carol.refresh_from_db()
    case.refresh_from_db()
    assert (carol.organization, case.organization) == (None, None)


def test_two_cannot_have_one_external_id(alice: Agent) -> None:
    acme = OrganizationFactory(external_id="crm-77")
    other = OrganizationFactory()
    r = robot(alice)
    for answer in (
        r.post("/organizations", {"name": "Other", "external_id": "crm-77"}),
        r.patch(f"/organizations/{other.pk}", {"external_id": "crm-77"}),
    ):
        assert (answer.status_code, reason(answer)) == (409, "duplicate")
        assert answer.json()["error"]["existing"] == acme.pk


def test_they_are_found_by_what_is_known_of_them(alice: Agent) -> None:
    acme = OrganizationFactory(name="Acme Ltd", external_id="crm-77")
    OrganizationFactory(name="Other")
    r = robot(alice)
    for query in (
        "name=acme ltd",
        "external_id=crm-77",
        f"ids={acme.pk}",
        "sort=name&per_page=1",
        "cursor=&sort=id&per_page=1",
    ):
        assert [row["id"] for row in r.get(f"/organizations?{query}").json()["data"]] == [acme.pk], query
    future = r.get("/organizations?updated_since=2100-01-01T00:00:00Z").json()
    assert future["data"] == []
    assert reason(r.get("/organizations?include=contacts")) == "unknown_parameter"
    assert reason(r.get("/organizations?sort=notes")) == "invalid_parameter"


def test_who_may_not_delete_hears_which_right_is_missing(alice: Agent) -> None:
    acme = OrganizationFactory()
    answer = robot(alice).delete(f"/organizations/{acme.pk}")
    assert (answer.status_code, answer.json()["error"]["missing_permission"]) == (403, "organizations:delete")
    assert Organization.objects.filter(pk=acme.pk).exists()


def test_a_key_that_only_creates_sees_what_it_made_and_lists_nothing(alice: Agent) -> None:
    r = robot(alice, access_level="custom", scopes=["organizations:write"])
    assert r.post("/organizations", {"name": "Acme Ltd"}).json()["data"]["name"] == "Acme Ltd"
    assert reason(r.get("/organizations")) == "insufficient_scope"


def test_a_role_that_reads_no_organizations_finds_none_anywhere() -> None:
    acme = OrganizationFactory()
    clerk = AgentFactory(role=role("Clerk", permissions=["contacts:read", "organizations:write"]))
    carol = ContactFactory(organization=acme)
    r = robot(clerk)
    assert reason(r.get("/organizations")) == "agent_permission"
    assert r.patch(f"/organizations/{acme.pk}", {"name": "Mine"}).status_code == 404
    answer = r.get("/contacts?include=organization").json()
    assert [row["id"] for row in answer["data"]] == [carol.pk]
    assert not answer["linked"]["organization"]
