"""`/templates`: replies written once. Who uses them, what is filled in, and what is never evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, OrganizationFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Template, Ticket

pytestmark = pytest.mark.django_db

GREETING = "Hello {{contact.name}},\n\nabout #{{ ticket.number }}.\n\n{{agent.first_name}}"


@pytest.fixture
def case(support: Team, carol: Contact) -> Ticket:
    return ticket("Parcel {{agent.email}}", contact=carol, team=support)


def write(r: Robot, body: str = GREETING, **more: Any) -> dict[str, Any]:
    answer = r.post("/templates", {"name": "Greeting", "body": body, **more})
    assert answer.status_code == 201, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def render(r: Robot, template: int, case: Ticket | None = None) -> Any:
    return r.post(f"/templates/{template}/render" + (f"?ticket={case.pk}" if case else ""))


def test_a_template_is_written_read_changed_and_deleted(alice: Agent) -> None:
    r = robot(alice)
    made = write(r)
    assert (made["sharing"], made["team"], made["owner"]) == ("everyone", None, alice.pk)
    assert (
        r.get(f"/templates/{made['id']}?include=owner").json()["linked"]["agent"][str(alice.pk)]["name"]
        == "Alice"
    )
    assert r.patch(f"/templates/{made['id']}", {"name": "Hi"}).json()["data"]["body"] == GREETING
    assert r.delete(f"/templates/{made['id']}").status_code == 204
    happened = Event.objects.filter(subject_type="template", subject_id=made["id"]).order_by("id")
    assert list(happened.values_list("type", flat=True)) == [
        "template.created", "template.changed", "template.deleted",
    ]  # fmt: skip


def test_it_is_filled_in_for_a_ticket(alice: Agent, case: Ticket) -> None:
    r = robot(alice)
    made = write(r)
    answer = render(r, made["id"], case)
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"] == {
        "template": made["id"],
        "ticket": case.pk,
        "text": f"Hello Carol,\n\nabout #{case.number}.\n\nAlice",
    }


def test_every_placeholder_has_a_value(alice: Agent, case: Ticket, carol: Contact) -> None:
    carol.organization = OrganizationFactory(name="Acme Ltd")
    carol.save(update_fields=["organization"])
    case.organization = carol.organization
    case.save(update_fields=["organization"])
    body = (
        "{{ticket.subject}}|{{ticket.status}}|{{ticket.priority}}|{{contact.email}}|{{organization.name}}|"
        "{{team.name}}|{{agent.name}}|{{agent.email}}|{{helpdesk.name}}"
    )
    r = robot(alice)
    # What is filled in is not looked at again: the subject holds a placeholder, and keeps it.
    assert render(r, write(r, body)["id"], case).json()["data"]["text"] == (
        "Parcel {{agent.email}}|Open|normal|carol@customer.example|Acme Ltd|Support|Alice|alice@desk.example|Helpdesk"
    )


def test_what_a_ticket_lacks_is_empty(alice: Agent) -> None:
    r = robot(alice)
    made = write(r, "[{{organization.name}}{{team.name}}]")
    assert render(r, made["id"], ticket()).json()["data"]["text"] == "[]"


def test_without_a_ticket_what_depends_on_one_stays(alice: Agent) -> None:
    r = robot(alice)
    assert render(r, write(r)["id"]).json()["data"]["text"] == GREETING.replace(
        "{{agent.first_name}}", "Alice"
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("Hello {{contact.nmae}}", "Line 1, column 7: there is no placeholder {{contact.nmae}}"),
        ("One\nTwo {{ ticket.contact.password }}", "Line 2, column 5: there is no placeholder"),
        ("{{}}", "Line 1, column 1: there is no placeholder {{}}"),
        ("Hello {{contact.name", "Line 1, column 7: a placeholder begins with {{ and does not end with }}"),
        ("{{ {{contact.name}} }}", "Line 1, column 1: a placeholder begins"),
        ("{{contact.name|upper}}", "there is no placeholder"),
    ],
)
def test_an_unknown_placeholder_is_refused_where_it_stands(alice: Agent, body: str, place: str) -> None:
    r = robot(alice)
    made = write(r)
    for answer in (
        r.post("/templates", {"name": "x", "body": body}),
        r.patch(f"/templates/{made['id']}", {"body": body}),
    ):
        assert answer.status_code == 422, answer.content
        fault = answer.json()["error"]["fields"]["body"][0]
        assert fault["code"] == "unknown_placeholder"
        assert place in fault["message"]


def test_no_template_engine_looks_at_the_text(alice: Agent) -> None:
    body = "{% load static %} {% now 'Y' %} {0} ${x} %(y)s {# no #}"
    r = robot(alice)
    assert render(r, write(r, body)["id"]).json()["data"]["text"] == body


# --- Who uses which -----------------------------------------------------------------------------------------


def test_personal_ones_exist_for_their_owner_alone(alice: Agent, root: Agent, bob: Agent) -> None:
    mine = write(robot(alice), sharing="personal")
    assert robot(alice).get(f"/templates/{mine['id']}").status_code == 200
    for other in (robot(root, admin_functions=True), robot(bob)):
        assert other.get("/templates").json()["data"] == []
        assert other.get(f"/templates/{mine['id']}").status_code == 404
        assert other.patch(f"/templates/{mine['id']}", {"name": "Mine"}).status_code == 404
        assert other.delete(f"/templates/{mine['id']}").status_code == 404
        assert render(other, mine["id"]).status_code == 404


def test_a_teams_exist_for_its_members_and_administrators(
    alice: Agent, bob: Agent, root: Agent, support: Team
) -> None:
    hers = write(robot(alice), sharing="team", team="Support")
    assert hers["team"] == support.pk
    assert robot(bob).get("/templates").json()["data"] == []
    assert robot(bob).get(f"/templates/{hers['id']}").status_code == 404
    assert robot(root, admin_functions=True).get(f"/templates/{hers['id']}").status_code == 200
    # A key without admin functions is no administrator.
    assert robot(root).get(f"/templates/{hers['id']}").status_code == 404


def test_nobody_shares_with_a_team_he_is_not_in(bob: Agent, support: Team) -> None:
    r = robot(bob)
    answer = r.post("/templates", {"name": "x", "body": "x", "sharing": "team", "team": support.pk})
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "widening")
    assert (
        r.post("/templates", {"name": "x", "body": "x", "sharing": "team", "team": "Billing"}).status_code
        == 201
    )


def test_sharing_and_team_go_together(alice: Agent, support: Team) -> None:
    r = robot(alice)
    assert (
        "team"
        in r.post("/templates", {"name": "x", "body": "x", "sharing": "team"}).json()["error"]["fields"]
    )
    alone = r.post("/templates", {"name": "x", "body": "x", "team": support.pk})
    assert "team" in alone.json()["error"]["fields"]
    made = write(r, sharing="team", team="Support")
    changed = r.patch(f"/templates/{made['id']}", {"sharing": "everyone"}).json()["data"]
    assert (changed["sharing"], changed["team"]) == ("everyone", None)


def test_nobody_takes_a_shared_template_away_for_himself(alice: Agent, bob: Agent) -> None:
    made = write(robot(alice))
    answer = robot(bob).patch(f"/templates/{made['id']}", {"sharing": "personal"})
    assert answer.json()["error"]["fields"]["sharing"][0]["code"] == "not_yours"
    assert robot(alice).patch(f"/templates/{made['id']}", {"sharing": "personal"}).status_code == 200


# --- Second doors -------------------------------------------------------------------------------------------


def test_bob_fills_in_nothing_of_a_ticket_he_does_not_see(alice: Agent, bob: Agent, case: Ticket) -> None:
    made = write(robot(alice))
    answer = render(robot(bob), made["id"], case)
    assert (answer.status_code, reason(answer)) == (404, "not_found")
    assert b"Carol" not in answer.content


def test_a_key_that_reads_no_contacts_fills_in_none(alice: Agent, case: Ticket) -> None:
    made = write(robot(alice))
    r = robot(alice, access_level="custom", scopes=["templates:read", "tickets:read"])
    answer = render(r, made["id"], case)
    assert (answer.status_code, answer.json()["error"]["required_scopes"]) == (403, ["contacts:read"])
    plain = write(robot(alice), "About {{ticket.number}}")
    assert render(r, plain["id"], case).status_code == 200
    blind = robot(alice, access_level="custom", scopes=["templates:read", "notes:read"])
    assert render(blind, plain["id"], case).json()["error"]["required_scopes"] == ["tickets:read"]


def test_a_role_without_the_right_writes_none(bob: Agent) -> None:
    clerk = AgentFactory(role=role("Clerk", permissions=["templates:read"]))
    assert reason(robot(clerk).post("/templates", {"name": "x", "body": "x"})) == "agent_permission"


def test_bad_questions_are_refused(alice: Agent) -> None:
    r = robot(alice)
    made = write(r)
    assert reason(r.post(f"/templates/{made['id']}/render?ticket=x")) == "invalid_parameter"
    assert reason(r.post(f"/templates/{made['id']}/render?tiket=1")) == "unknown_parameter"
    assert reason(r.get("/templates?sharing=all")) == "invalid_parameter"


# --- The admin ----------------------------------------------------------------------------------------------


def test_root_writes_templates_in_the_admin(root: Agent, support: Team) -> None:
    browser = sign_in(root)
    fields = {"name": "Hi", "body": "Hello {{contact.name}}", "sharing": "team", "team": support.pk}
    browser.post("/admin/tickets/template/add/", fields)
    made = Template.objects.get()
    assert (made.owner, made.team) == (root, support)
    wrong = browser.post(f"/admin/tickets/template/{made.pk}/change/", fields | {"body": "{{contact.nmae}}"})
    assert "there is no placeholder {{contact.nmae}}" in wrong.content.decode()
    browser.post(f"/admin/tickets/template/{made.pk}/change/", fields | {"sharing": "everyone", "team": ""})
    made.refresh_from_db()
    assert (made.sharing, made.team, made.body) == ("everyone", None, "Hello {{contact.name}}")
