"""The key form: what it tells while it is filled in, agents made in place, and the password that widening needs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Team
from activity.models import Event
from apitokens.models import ApiKey
from orders.models import Order
from tests.apitokens.key_desk import LIST, create, edit_form, me, new_form, secret_in, told
from tests.cast import sign_in
from tests.factories import PASSWORD, AgentFactory, ContactFactory, role, ticket
from tests.robot import Robot, robot

pytestmark = pytest.mark.django_db


def preview(client: Client, form: dict[str, Any], key: ApiKey | None = None) -> str:
    answer = client.post(f"{LIST}{key.pk}/preview/" if key else f"{LIST}preview/", form)
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", " ", told(answer))


def test_the_preview_counts_by_the_policy_and_writes_nothing(
    root: Agent, bob: Agent, billing: Team, support: Team
) -> None:
    light = role("Support", permissions=["tickets:read", "tickets:write", "messages:write"], reach="teams")
    lena = AgentFactory(name="Lena", role=light, teams=[billing, support])
    for team in (billing, billing, support, None):
        ticket(team=team)
    client = sign_in(root)
    form = new_form(client, lena, addresses="203.0.113.0/24", expiry="never")
    rows = ApiKey.objects.count(), Event.objects.count(), Agent.objects.count()
    shown = preview(client, form)
    for words in (
        "Sees 3 tickets of 2 teams, and its own.",
        "May reply; create and change tickets.",
        "because the role Support may not",
        "read messages, notes, contacts",
        "Only from 203.0.113.0/24.",
        "Never expires.",
    ):
        assert words in shown
    narrowed = preview(client, form | {"tags": "tickets.list\ntickets.reply"})
    assert "May reply." in narrowed
    assert "May not create and change tickets: the operations it is limited to leave that out." in narrowed
    assert "May change nothing." in preview(client, form | {"access_level": "read"})
    assert (ApiKey.objects.count(), Event.objects.count(), Agent.objects.count()) == rows
    assert secret_in(client.post(f"{LIST}add/", form)), "The preview did not use the form up."


def test_what_the_preview_says_is_what_the_key_gets(root: Agent, bob: Agent, billing: Team) -> None:
    for team in (billing, billing, None):
        ticket(team=team)
    Order.objects.create(external_id="1", contact=ContactFactory())
    client = sign_in(root)
    form = new_form(client, bob, access_level="custom", **{"scopes-tickets": "read", "scopes-orders": "read"})
    shown = preview(client, form)
    r = Robot(ApiKey(), secret_in(client.post(f"{LIST}add/", form)))
    for resource in ("tickets", "orders"):
        total = r.get(f"/{resource}").json()["meta"]["pagination"]["total"]
        assert re.search(rf"\b{total} {resource[:-1]}s?\b", shown), (resource, total, shown)


def test_what_is_typed_is_only_text_and_unfinished_forms_are_no_mistake(root: Agent, alice: Agent) -> None:
    client = sign_in(root)
    form = new_form(client, alice, name="<b>x</b>", tags="*")
    hostile = AgentFactory(name="<img src=x>", role=role('Rôle"><script>'))
    answer = client.post(f"{LIST}preview/", form | {"agent": hostile.pk}).content.decode()
    assert (
        "<script" not in answer + client.post(f"{LIST}preview/", form | {"tags": "<script>"}).content.decode()
    )
    assert "<img" not in answer
    assert "Choose the agent" in preview(client, form | {"agent": ""})
    assert "at least one thing" in preview(client, form | {"access_level": "custom"})
    for broken in (
        {"name": ""},
        {"expiry": "x"},
        {"expiry": "date", "expiry_date": "x"},
        {"rate_limit": "-"},
    ):
        assert "Sees" in preview(client, form | broken)
    assert "Acts as any agent" in preview(client, form | {"kind": "superuser", "agent": ""})
    assert client.get(f"{LIST}preview/").status_code == 405


def test_the_preview_tells_nobody_of_what_he_could_not_have(alice: Agent, root: Agent, billing: Team) -> None:
    ticket(team=billing)
    rights = [
        "keys:read",
        "keys:write",
        "tickets:read",
        "agents:read",
        "agents:write",
        "roles:read",
        "teams:read",
    ]
    lena = AgentFactory(
        name="Lena", role=role("Integrator", permissions=rights, reach="teams", enters_admin=True)
    )
    client = sign_in(lena)
    form = new_form(client, lena, access_level="custom", kind=None, **{"scopes-tickets": "read"})
    assert "Sees 0 tickets" in preview(client, form)
    service = {"acting": "new", "service_name": "Spy", "service_role": lena.role_id}
    for wider in (
        {"agent": alice.pk},
        {"agent": root.pk},
        service | {"service_teams": [billing.pk]},
        service | {"service_role": root.role_id},
    ):
        shown = preview(client, form | wider)
        assert "Sees" not in shown
        assert re.search("may not do yourself|Only an administrator|not a member", shown)
    theirs = robot(alice, owner=root).key
    assert client.post(f"{LIST}{theirs.pk}/preview/", form).status_code == 404
    bystander = AgentFactory(role=role("Reader", permissions=["keys:read"], enters_admin=True))
    assert sign_in(bystander).post(f"{LIST}preview/", form).status_code == 403
    assert sign_in(alice).post(f"{LIST}preview/", form).status_code == 302, "She is not let into the admin."


def test_a_service_agent_is_made_with_its_key_or_not_at_all(root: Agent, alice: Agent, support: Team) -> None:
    client = sign_in(root)
    service = {
        "acting": "new",
        "service_name": "Shop robot",
        "service_role": alice.role_id,
        "service_teams": [support.pk],
    }
    refused = create(client, None, **service, owner=robot(alice).key.pk + 999)
    assert "Nothing has been saved yet" in told(refused)
    refused = create(client, None, **service, access_level="custom")
    assert "Choose at least one thing" in told(refused)
    for missing in ({"service_name": ""}, {"service_role": ""}):
        assert "the new agent" in told(create(client, None, **(service | missing)))
    assert not Agent.objects.filter(kind="service").exists()

    answer = create(client, alice, **service)
    made = Agent.objects.get(kind="service")
    assert (made.name, made.role, [*made.teams.all()]) == ("Shop robot", alice.role, [support])
    assert made.email.endswith("@service.invalid")
    assert me(secret_in(answer)).json()["data"]["person"]["name"] == "Shop robot"
    assert Event.objects.filter(type="agent.created", subject_id=made.pk, agent=root).exists()


def test_who_may_not_make_agents_is_not_offered_one_and_cannot_forge_it(root: Agent) -> None:
    lena = AgentFactory(
        name="Lena",
        role=role("Integrator", permissions=["keys:read", "keys:write", "tickets:read"], enters_admin=True),
    )
    client = sign_in(lena)
    assert "service_name" not in told(client.get(f"{LIST}add/"))
    forged = {"acting": "new", "service_name": "Mine", "service_role": root.role_id}
    create(client, lena, access_level="custom", kind=None, **forged, **{"scopes-tickets": "read"})
    assert not Agent.objects.filter(name="Mine").exists()


def test_widening_asks_for_the_password_and_is_recorded_while_narrowing_acts_at_once(
    root: Agent, alice: Agent, bob: Agent
) -> None:
    client = sign_in(root)
    soon = timezone.now() + timedelta(days=5)
    key = robot(
        alice, owner=root, access_level="read", tags=["tickets.*", "-*.delete"], addresses=["10.0.0.0/8"],
        rate_limit=50, expires_at=soon,
    ).key  # fmt: skip
    page = f"{LIST}{key.pk}/change/"
    wider: dict[str, dict[str, Any]] = {
        "scopes tickets:delete, tickets:write": {"access_level": "custom", "scopes-tickets": "full"},
        "kind superuser": {"kind": "superuser"},
        "agent Bob": {"agent": bob.pk},
        "keys:write": {"admin_functions": "on"},
        "tags tickets.*, orders.*": {"tags": "tickets.*\norders.*"},
        "addresses 11.0.0.1": {"addresses": "10.0.0.1\n11.0.0.1"},
        "addresses *": {"addresses": ""},
        "rate limit 51": {"rate_limit": "51"},
        "expires at never": {"expiry": "never"},
    }
    for gain, change in wider.items():
        form = edit_form(key, rate_limit=50) | change
        assert gain in preview(client, form, key), gain
        for password in ("", "not it"):
            answer = client.post(page, form | {"password": password})
            assert "Type your own password" in told(answer) or "not your password" in told(answer), gain
        assert "More" in told(answer)
    assert not Event.objects.filter(type="key.changed").exists()

    client.post(page, edit_form(key, rate_limit=50, password=PASSWORD) | wider["addresses 11.0.0.1"])
    event = Event.objects.get(type="key.changed")
    assert event.facts["widened"] == ["addresses: 11.0.0.1"]
    narrower = {"tags": "tickets.*\n-*.delete\n-*.note", "addresses": "10.0.0.1", "rate_limit": "5"}
    assert client.post(page, edit_form(key) | narrower).status_code == 302
    key.refresh_from_db()
    assert (key.addresses, key.rate_limit) == (["10.0.0.1"], 5)
    assert "widened" not in Event.objects.filter(type="key.changed").latest("id").facts


def test_the_password_cannot_be_tried_without_end(root: Agent, alice: Agent) -> None:
    client, key = sign_in(root), robot(alice, owner=root, access_level="read").key
    form = edit_form(key, access_level="full")
    for _attempt in range(10):
        assert "not your password" in told(client.post(f"{LIST}{key.pk}/change/", form | {"password": "x"}))
    late = client.post(f"{LIST}{key.pk}/change/", form | {"password": PASSWORD})
    assert "Too many wrong passwords" in told(late)
    key.refresh_from_db()
    assert key.access_level == "read"


def test_a_key_with_admin_functions_widens_within_its_own_rights_and_says_so(
    root: Agent, alice: Agent
) -> None:
    """A program has no password to give: what it may widen is bounded by what it may do itself."""
    desk, key = robot(root, admin_functions=True), robot(alice, access_level="read").key
    assert desk.patch(f"/keys/{key.pk}", {"access_level": "full"}).status_code == 200
    event = Event.objects.get(type="key.changed")
    assert "tickets:write" in event.facts["widened"][0]
    assert event.key_id == desk.key.pk
