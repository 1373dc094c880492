"""Root decides who works here."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Agent, Role, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, role

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/agent/"


def form(agent: Agent, **changes: Any) -> dict[str, Any]:
    """The agent's form as it comes, changed."""
    fields = {
        "name": agent.name,
        "email": agent.email,
        "kind": agent.kind,
        "role": agent.role_id,
        "teams": list(agent.teams.values_list("pk", flat=True)),
        "is_active": "on",
        "is_available": "on",
        **changes,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def change(client: Client, agent: Agent, **changes: Any) -> Any:
    return client.post(f"{LIST}{agent.pk}/change/", form(agent, **changes))


def told(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("&#x27;", "'")


def test_a_new_agent_is_invited_and_has_no_password(root: Agent, support: Team) -> None:
    new = {
        "name": "Dave",
        "email": "Dave@Desk.example",
        "kind": "person",
        "role": role("Agent").pk,
        "teams": [support.pk],
    }
    answer = sign_in(root).post(f"{LIST}add/", new, follow=True)
    dave = Agent.objects.get(email="dave@desk.example")
    assert "on its way to dave@desk.example" in told(answer)
    assert (dave.has_usable_password(), list(dave.teams.all())) == (False, [support])
    assert [event.type for event in Event.objects.about(dave).order_by("id")] == [
        "agent.created",
        "agent.invited",
    ]
    assert ProcrastinateJob.objects.filter(task_name="accounts.reactors.mail_invitation").count() == 1


def test_a_service_agent_gets_no_invitation(root: Agent) -> None:
    new = {"name": "Web shop", "email": "shop@desk.example", "kind": "service", "role": role("Agent").pk}
    sign_in(root).post(f"{LIST}add/", new)
    assert [event.type for event in Event.objects.about(Agent.objects.get(name="Web shop"))] == [
        "agent.created"
    ]


def test_what_changed_is_recorded_once_with_before_and_after(
    root: Agent, alice: Agent, support: Team, billing: Team
) -> None:
    answer = change(sign_in(root), alice, name="Alice Nowak", teams=[billing.pk])
    event = Event.objects.about(alice).get(type="agent.changed")
    assert answer.status_code == 302
    assert (event.agent, event.door) == (root, "admin")
    assert event.changes == {
        "name": ["Alice", "Alice Nowak"],
        "teams": [[{"id": support.pk, "name": "Support"}], [{"id": billing.pk, "name": "Billing"}]],
    }


def test_saving_what_nobody_changed_records_nothing(root: Agent, alice: Agent) -> None:
    assert change(sign_in(root), alice).status_code == 302
    assert not Event.objects.about(alice).exists()


def test_a_deactivated_agent_is_out_at_once(root: Agent, alice: Agent) -> None:
    hers = sign_in(alice)
    assert hers.get("/views/mine/").status_code == 200
    change(sign_in(root), alice, is_active=None)
    assert hers.get("/views/mine/").status_code == 302


@pytest.mark.parametrize("change_of_mind", ["role", "is_active", "kind"])
def test_the_last_administrator_cannot_lock_himself_out(root: Agent, change_of_mind: str) -> None:
    less = {"role": role("Agent").pk, "is_active": None, "kind": "service"}[change_of_mind]
    answer = change(sign_in(root), root, name="Root the Second", **{change_of_mind: less})
    root.refresh_from_db()
    assert "Root is the last active administrator" in told(answer)
    assert "Root the Second" in told(answer), "What was typed is lost."
    assert (root.name, root.is_superuser) == ("Root", True)
    assert not Event.objects.about(root).exists()


def test_with_a_second_administrator_the_first_may_go(root: Agent) -> None:
    AgentFactory(name="Second", role=root.role)
    assert change(sign_in(root), root, is_active=None).status_code == 302
    assert not Agent.objects.get(pk=root.pk).is_active


def test_two_agents_cannot_have_the_same_address(root: Agent, alice: Agent, bob: Agent) -> None:
    answer = change(sign_in(root), alice, email=bob.email.upper())
    assert "Agent with this E-mail address already exists" in told(answer)


def test_nobody_deletes_an_agent(root: Agent, alice: Agent) -> None:
    assert sign_in(root).post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Agent.objects.filter(pk=alice.pk).exists()


# --- Links --------------------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_lets_the_agent_in(root: Agent, alice: Agent, client: Client) -> None:
    page = f"{LIST}{alice.pk}/link/"
    boss = sign_in(root)
    assert "/password/choose/" not in told(boss.get(page))
    answer = boss.post(page)
    link = re.search(r'value="(http[^"]+/password/choose/[^"]+)"', told(answer))
    assert link
    assert "no-store" in answer["Cache-Control"]
    assert client.get(urlsplit(link[1]).path, follow=True).status_code == 200
    event = Event.objects.about(alice).get(type="agent.link_handed_out")
    assert link[1].rsplit("/", 2)[1] not in str([event.facts, event.changes])


def test_looking_at_the_page_makes_no_link(root: Agent, alice: Agent) -> None:
    sign_in(root).get(f"{LIST}{alice.pk}/link/")
    assert not alice.sign_in_links.exists()


def test_mailing_a_link_says_who_asked_for_it(root: Agent, alice: Agent) -> None:
    answer = sign_in(root).post(f"{LIST}{alice.pk}/invite/", follow=True)
    event = Event.objects.about(alice).get(type="agent.password_reset_requested")
    assert event.agent == root
    assert alice.email in told(answer)


def test_mail_is_not_sent_by_looking(root: Agent, alice: Agent) -> None:
    assert sign_in(root).get(f"{LIST}{alice.pk}/invite/").status_code == 405


def test_who_cannot_sign_in_gets_no_link(root: Agent) -> None:
    machine = AgentFactory(name="Machine", kind="service")
    answer = sign_in(root).post(f"{LIST}{machine.pk}/link/")
    assert "Machine cannot sign in" in told(answer)


# --- Somebody who manages people without being an administrator --------------------------------------------


@pytest.fixture
def lena(support: Team) -> Agent:
    """Leads Support: manages its people in the admin, and sees its tickets only."""
    rights = ["agents:read", "agents:write", "roles:read", "teams:read", "tickets:read", "events:read"]
    return AgentFactory(
        name="Lena", role=role("Lead", permissions=rights, reach="teams", enters_admin=True), teams=[support]
    )


def light(**changes: Any) -> Role:
    return role("Helper", permissions=["tickets:read"], reach="own", **changes)


def test_lena_adds_a_helper_to_her_team(lena: Agent, support: Team) -> None:
    new = {
        "name": "Hugo",
        "email": "hugo@desk.example",
        "kind": "person",
        "role": light().pk,
        "teams": [support.pk],
    }
    assert sign_in(lena).post(f"{LIST}add/", new).status_code == 302
    assert list(Agent.objects.get(name="Hugo").teams.all()) == [support]


@pytest.mark.parametrize("name", ["Administrator", "Agent"])
def test_lena_gives_nobody_more_than_she_has(lena: Agent, name: str) -> None:
    new = {"name": "Hugo", "email": "hugo@desk.example", "kind": "person", "role": role(name).pk}
    answer = sign_in(lena).post(f"{LIST}add/", new)
    assert f"The role {name} allows what you may not do yourself" in told(answer)
    assert not Agent.objects.filter(name="Hugo").exists()


def test_lena_gives_nobody_a_wider_view_than_hers(lena: Agent) -> None:
    everything = role("Watcher", permissions=["tickets:read"], reach="all")
    new = {"name": "Hugo", "email": "hugo@desk.example", "kind": "person", "role": everything.pk}
    assert "reaches tickets that you do not see: All tickets" in told(sign_in(lena).post(f"{LIST}add/", new))


def test_lena_opens_nobody_a_team_that_is_not_hers(lena: Agent, billing: Team) -> None:
    answer = change(sign_in(lena), lena, teams=[*lena.teams.values_list("pk", flat=True), billing.pk])
    assert "You are not a member of Billing" in told(answer)
    assert not lena.teams.filter(pk=billing.pk).exists()


def test_lena_takes_over_nobody_who_may_do_more(lena: Agent, root: Agent) -> None:
    hers = sign_in(lena)
    assert "may not do yourself" in told(change(hers, root, email="lena@elsewhere.example"))
    assert "/password/choose/" not in told(hers.post(f"{LIST}{root.pk}/link/"))
    root.refresh_from_db()
    assert root.email == "root@desk.example"
    assert not root.sign_in_links.exists()


def test_nothing_from_the_address_is_asked_of_the_database(root: Agent, alice: Agent) -> None:
    for query in (
        "password__startswith=md5",
        "role__name=Agent",
        "keys__digest__isnull=1",
        "sign_in_links__digest=1",
    ):
        answer = sign_in(root).get(f"{LIST}?{query}")
        assert answer.status_code == 400, query


def test_the_password_is_nowhere_in_the_form(root: Agent, alice: Agent) -> None:
    page = told(sign_in(root).get(f"{LIST}{alice.pk}/change/"))
    assert alice.password not in page
    assert 'name="password"' not in page


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_take_each_other_out_at_the_same_moment(root: Agent) -> None:
    second = AgentFactory(name="Second", role=root.role)
    clients = [(sign_in(root), second), (sign_in(second), root)]

    def press(pair: tuple[Client, Agent]) -> int:
        client, other = pair
        try:
            return int(change(client, other, is_active=None).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hands:
        statuses = sorted(hands.map(press, clients))
    assert Agent.objects.active().filter(role=root.role).count() == 1
    assert statuses[0] in {200, 302}
