"""Deleting contacts: only those whom nothing refers to."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.factories import AgentFactory, ContactFactory, role, ticket
from tests.robot import reason, robot

pytestmark = pytest.mark.django_db


def test_a_contact_whom_nothing_refers_to_is_deleted(root: Agent) -> None:
    dave = ContactFactory(name="Dave", email="dave@customer.example")
    r = robot(root)
    assert r.delete(f"/contacts/{dave.pk}").status_code == 204
    assert r.get(f"/contacts/{dave.pk}").status_code == 404
    assert Event.objects.filter(type="contact.deleted", subject_id=dave.pk).exists()
    assert r.post("/contacts", {"emails": ["dave@customer.example"]}).status_code == 201


def test_a_contact_with_tickets_stays_and_the_answer_says_how_many(root: Agent, carol: Contact) -> None:
    ticket(contact=carol)
    ticket(contact=carol)
    answer = robot(root).delete(f"/contacts/{carol.pk}")
    assert (answer.status_code, reason(answer)) == (409, "in_use")
    assert answer.json()["error"]["message"].startswith("Carol still has 2 tickets, so it is not deleted.")
    assert Contact.objects.filter(pk=carol.pk).exists()


def test_tickets_out_of_reach_are_not_counted(carol: Contact, support: Team, billing: Team) -> None:
    ticket(contact=carol, team=support)
    clerk = role("Clerk", permissions=["contacts:read", "contacts:delete", "tickets:read"], reach="teams")
    r = robot(AgentFactory(role=clerk, teams=[billing]))
    assert "none of which you may see" in r.delete(f"/contacts/{carol.pk}").json()["error"]["message"]
    ticket(contact=carol, team=billing)
    sentence = r.delete(f"/contacts/{carol.pk}").json()["error"]["message"]
    assert "1 ticket that you see, and others" in sentence


def test_who_may_not_delete_contacts_does_not(alice: Agent, carol: Contact) -> None:
    answer = robot(alice).delete(f"/contacts/{carol.pk}")
    assert (answer.status_code, answer.json()["error"]["missing_permission"]) == (403, "contacts:delete")
