"""Teams, contacts, organizations and what tickets are sorted by."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Contact, Organization, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, OrganizationFactory, TagFactory, role, ticket
from tickets.models import Category, Channel, Status, Tag

pytestmark = pytest.mark.django_db


def save(agent: Agent, page: str, **fields: Any) -> Any:
    return sign_in(agent).post(f"/admin/{page}/", fields)


def changes(row: Any) -> dict[str, Any]:
    event = Event.objects.about(row).newest_first()[0]
    return {**event.changes, **event.facts}


# --- Teams ------------------------------------------------------------------------------------------------


def test_root_puts_alice_into_another_team(root: Agent, alice: Agent, billing: Team) -> None:
    save(root, f"accounts/team/{billing.pk}/change", name="Billing", agents=[alice.pk])
    assert billing.agents.get() == alice
    assert changes(billing) == {"agents": [[], [{"id": alice.pk, "name": "Alice"}]]}


def test_who_may_not_see_agents_leaves_the_members_as_they_are(alice: Agent, support: Team) -> None:
    rights = ["teams:read", "teams:write"]
    lena = AgentFactory(name="Lena", role=role("Lead", permissions=rights, enters_admin=True))
    answer = save(lena, f"accounts/team/{support.pk}/change", name="Support", description="First line")
    assert answer.status_code == 302
    assert support.agents.get() == alice


def test_who_may_only_look_sees_the_members(alice: Agent, support: Team) -> None:
    watcher = AgentFactory(
        name="Watcher", role=role("Watcher", permissions=["teams:read", "agents:read"], enters_admin=True)
    )
    page = sign_in(watcher).get(f"/admin/accounts/team/{support.pk}/change/")
    assert "Alice" in page.content.decode()
    assert save(watcher, f"accounts/team/{support.pk}/change", name="Mine").status_code == 403


# --- Contacts ---------------------------------------------------------------------------------------------


def test_root_adds_a_contact_with_two_addresses(root: Agent) -> None:
    save(
        root,
        "accounts/contact/add",
        name="Carol",
        emails="carol@customer.example\n Carol@Home.example \n",
        phones="+1 555",
    )
    carol = Contact.objects.get(name="Carol")
    assert list(carol.emails.values_list("address", flat=True)) == [
        "carol@customer.example",
        "carol@home.example",
    ]
    assert carol.phones == ["+1 555"]


def test_which_address_is_written_to_is_the_first_line(root: Agent, carol: Contact) -> None:
    emails = "carol@home.example\ncarol@customer.example"
    save(root, f"accounts/contact/{carol.pk}/change", name="Carol", emails=emails)
    assert carol.emails.order_by("position")[0].address == "carol@home.example"
    assert changes(carol) == {"fields": ["emails"], "version": 2}


def test_an_address_belongs_to_one_contact(root: Agent, carol: Contact, mallory: Contact) -> None:
    emails = "mallory@elsewhere.example\ncarol@customer.example"
    answer = save(root, f"accounts/contact/{mallory.pk}/change", name="Mallory", emails=emails)
    assert f"carol@customer.example belongs to Carol (contact {carol.pk}) already" in answer.content.decode()
    assert mallory.emails.count() == 1


def test_a_bad_address_is_named(root: Agent, carol: Contact) -> None:
    answer = save(
        root,
        f"accounts/contact/{carol.pk}/change",
        name="Carol",
        emails="carol@customer.example\ncarol at home",
    )
    assert "“carol at home”: Enter a valid email address." in answer.content.decode()


def test_an_organization_is_chosen_by_its_name(root: Agent, carol: Contact) -> None:
    bakery = OrganizationFactory(name="Corner Bakery")
    page = f"accounts/contact/{carol.pk}/change"
    save(root, page, name="Carol", emails="carol@customer.example", organization="corner bakery")
    carol.refresh_from_db()
    assert carol.organization == bakery
    unknown = save(root, page, name="Carol", emails="carol@customer.example", organization="Corner Butcher")
    assert "There is no “Corner Butcher”" in unknown.content.decode()


def test_two_organizations_of_one_name_are_told_apart(root: Agent, carol: Contact) -> None:
    first, second = OrganizationFactory(name="Bakery"), OrganizationFactory(name="Bakery")
    page = f"accounts/contact/{carol.pk}/change"
    unclear = save(root, page, name="Carol", emails="", organization="Bakery")
    assert f"#{first.pk}, #{second.pk}" in unclear.content.decode()
    save(root, page, name="Carol", emails="", organization=f"#{second.pk}")
    assert Contact.objects.get(pk=carol.pk).organization == second


def test_who_may_not_see_organizations_does_not_take_a_contact_out_of_one(carol: Contact) -> None:
    Contact.objects.filter(pk=carol.pk).update(organization=OrganizationFactory())
    rights = ["contacts:read", "contacts:write"]
    lena = AgentFactory(name="Lena", role=role("Lead", permissions=rights, enters_admin=True))
    save(lena, f"accounts/contact/{carol.pk}/change", name="Carola", emails="carol@customer.example")
    carol.refresh_from_db()
    assert (carol.name, carol.organization is None) == ("Carola", False)


def test_deleting_a_contact_with_tickets_names_no_ticket_that_bob_cannot_see(
    bob: Agent, carol: Contact, support: Team
) -> None:
    rights = [*bob.role.permissions, "contacts:delete"]
    bob.role = role("Team agent", permissions=rights, enters_admin=True)
    ticket("A canary in Support", contact=carol, team=support)
    page = sign_in(bob).get(f"/admin/accounts/contact/{carol.pk}/delete/").content.decode()
    assert "still needs it" in page
    assert "canary" not in page


def test_an_organization_is_deleted_and_its_contacts_stay(root: Agent, carol: Contact) -> None:
    bakery = OrganizationFactory(name="Bakery")
    Contact.objects.filter(pk=carol.pk).update(organization=bakery)
    save(root, f"accounts/organization/{bakery.pk}/delete", post="yes")
    carol.refresh_from_db()
    assert carol.organization is None
    assert not Organization.objects.exists()


# --- Set-up -----------------------------------------------------------------------------------------------


def test_a_tag_is_renamed_everywhere(root: Agent) -> None:
    tag = TagFactory(name="late")
    save(root, f"tickets/tag/{tag.pk}/change", name=" Late  Delivery ")
    assert Tag.objects.get().name == "late delivery"
    assert changes(tag) == {"name": ["late", "late delivery"]}


def test_a_channel_is_made(root: Agent, support: Team) -> None:
    save(root, "tickets/channel/add", name="Shop", kind="shop", default_team=support.pk)
    shop = Channel.objects.get(name="Shop")
    assert shop.default_team == support
    assert Event.objects.about(shop).get().type == "channel.created"


def test_the_last_status_of_a_category_stays(root: Agent) -> None:
    solved = Status.objects.get(category=Category.SOLVED)
    page = f"tickets/status/{solved.pk}"
    moved = save(root, f"{page}/change", name="Solved", category="pending", position=3)
    assert "is the only status that means “Solved”" in moved.content.decode()
    save(root, f"{page}/delete", post="yes")
    assert Status.objects.get(pk=solved.pk).category == Category.SOLVED
