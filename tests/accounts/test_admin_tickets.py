"""Tickets and events in the admin: to be read, by those who may see them in the workspace too."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions.writing import Body

pytestmark = pytest.mark.django_db

LIST = "/admin/tickets/ticket/"


@pytest.fixture
def bob(billing: Team) -> Agent:
    """Billing only, in the admin as in the workspace; may not read notes."""
    rights = [
        "tickets:read",
        "messages:read",
        "contacts:read",
        "agents:read",
        "teams:read",
        "events:read",
        "tags:read",
    ]
    return AgentFactory(
        name="Bob", role=role("Clerk", permissions=rights, reach="teams", enters_admin=True), teams=[billing]
    )


def page(agent: Agent, path: str) -> str:
    return sign_in(agent).get(path).content.decode()


def test_bob_sees_his_teams_tickets_only_and_the_same_everywhere(
    bob: Agent, support: Team, billing: Team, carol: Contact
) -> None:
    ours = ticket("An invoice", team=billing, contact=carol)
    theirs = ticket("A canary", team=support, contact=carol)
    client = sign_in(bob)
    for query in (
        "",
        "?q=canary",
        "?q=Carol",
        "?category__exact=open",
        f"?team__id__exact={support.pk}",
        "?o=2",
    ):
        answer = client.get(f"{LIST}{query}")
        assert "A canary" not in answer.content.decode(), query
        assert answer.context["cl"].result_count <= 1
    assert client.get(f"{LIST}{ours.pk}/change/").status_code == 200
    for path in ("change", "history", "delete"):
        assert client.get(f"{LIST}{theirs.pk}/{path}/").status_code in {403, 404}
    for path in (
        "/admin/activity/event/",
        f"/admin/accounts/contact/{carol.pk}/history/",
        "/admin/activity/event/?q=canary",
    ):
        assert "A canary" not in page(bob, path)


def test_the_event_of_an_unseen_ticket_is_not_found(bob: Agent, support: Team) -> None:
    theirs = ticket("A canary", team=support)
    event = Event.objects.about(theirs)[0]
    assert sign_in(bob).get(f"/admin/activity/event/{event.pk}/change/").status_code == 404
    assert sign_in(bob).get("/admin/tickets/ticket/999999/change/").status_code == 404


def test_notes_are_shown_to_those_who_may_read_notes(bob: Agent, root: Agent, billing: Team) -> None:
    ours = ticket("An invoice", team=billing)
    actions.note(ours, body=Body.from_markdown("canary between us"), actor=at_the_web(root))
    assert "canary between us" in page(root, f"{LIST}{ours.pk}/change/")
    assert "canary between us" not in page(bob, f"{LIST}{ours.pk}/change/")
    assert "An invoice" in page(root, f"{LIST}?q=canary")
    assert "An invoice" not in page(bob, f"{LIST}?q=canary")


def test_nobody_edits_or_deletes_a_ticket_or_an_event_here(root: Agent) -> None:
    row = ticket()
    event = Event.objects.about(row)[0]
    client = sign_in(root)
    for path in (f"{LIST}{row.pk}/", f"/admin/activity/event/{event.pk}/"):
        assert client.post(f"{path}change/", {"subject": "Mine"}).status_code == 403
        assert client.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


def test_the_ticket_leads_to_the_workspace(root: Agent) -> None:
    row = ticket()
    assert f'href="{row.get_absolute_url()}"' in page(root, f"{LIST}{row.pk}/change/")


def test_the_event_says_who_did_what_and_leads_to_the_ticket(root: Agent, alice: Agent) -> None:
    row = actions.assign(ticket("A parcel"), to=alice, actor=at_the_web(root))
    event = Event.objects.about(row).get(type="ticket.assigned")
    text = page(root, f"/admin/activity/event/{event.pk}/change/")
    assert "Root" in text
    assert "Alice" in text
    assert f"{LIST}{row.pk}/change/" in text


def test_filters_that_would_name_what_somebody_may_not_see_are_missing(billing: Team) -> None:
    clerk = AgentFactory(name="Clerk", role=role("Reader", permissions=["tickets:read"], enters_admin=True))
    filters = [spec.title for spec in sign_in(clerk).get(LIST).context["cl"].filter_specs]
    assert filters == ["category", "priority"]
    assert sign_in(clerk).get(f"{LIST}?team__id__exact={billing.pk}").status_code == 400
