"""Root creates a key in the admin, sees its secret once, and follows what it does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, create, me, new_form, secret_in, told
from tests.cast import sign_in
from tests.robot import robot

pytestmark = pytest.mark.django_db

# --- Create -----------------------------------------------------------------------------------------------


def test_a_key_is_created_copied_and_works(root: Agent, alice: Agent) -> None:
    answer = create(sign_in(root), alice, description="Keeps the CRM up to date")
    key, secret = ApiKey.objects.get(), secret_in(answer)
    page = told(answer)
    assert answer.status_code == 200
    assert f"Authorization: Bearer {secret}" in page
    assert f"Authorization: key {key.pk}:{secret}" in page
    assert f"curl -H 'Authorization: Bearer {secret}' http://" in page
    assert (key.agent, key.owner, key.created_by, key.access_level) == (alice, root, root, "full")
    assert abs(key.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)  # type: ignore[operator]
    assert me(secret).json()["data"]["person"]["name"] == "Alice"


def test_sending_the_form_again_makes_no_second_key(root: Agent, alice: Agent) -> None:
    client = sign_in(root)
    form = new_form(client, alice)
    client.post(f"{LIST}add/", form)
    again = client.post(f"{LIST}add/", form)
    assert ApiKey.objects.count() == 1
    assert "This form was sent before" in told(again)
    assert "hdk_" not in told(again)
    fresh = re.search(r'name="form_token" value="([^"]+)"', again.content.decode())
    assert fresh
    client.post(f"{LIST}add/", form | {"form_token": fresh[1]})
    assert ApiKey.objects.count() == 2


def test_a_form_with_a_mistake_uses_nothing_up(root: Agent, alice: Agent) -> None:
    client = sign_in(root)
    form = new_form(client, alice)
    client.post(f"{LIST}add/", form | {"name": ""})
    assert secret_in(client.post(f"{LIST}add/", form))


def test_each_resource_gets_its_own_access(root: Agent, alice: Agent) -> None:
    levels = {"scopes-tickets": "full", "scopes-contacts": "read", "scopes-tags": "none"}
    create(sign_in(root), alice, access_level="custom", **levels)
    assert ApiKey.objects.get().scopes == ["tickets:read", "tickets:write", "tickets:delete", "contacts:read"]


def test_the_grid_counts_only_for_custom_access(root: Agent, alice: Agent) -> None:
    create(sign_in(root), alice, access_level="read", **{"scopes-tickets": "full"})
    assert ApiKey.objects.get().scopes == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"agent": ""}, "Choose the agent that this key acts as."),
        ({"access_level": "custom"}, "Choose at least one thing that the key may do."),
        ({"expiry": "date"}, "Choose the day."),
        ({"expiry": "date", "expiry_date": "2020-01-01"}, "This day has passed."),
        ({"addresses": "203.0.113.7\n203.0.113.7/24"}, "Did you mean 203.0.113.0/24?"),
        ({"addresses": "my laptop"}, "“my laptop” is no address or network."),
        ({"addresses": "fe80::1%eth0"}, "Did you mean fe80::1/128?"),
        ({"addresses": "::ffff:192.0.2.1"}, "Did you mean 192.0.2.1/32?"),
        ({"form_token": "\x00"}, "This form was sent before"),
        ({"tags": "tickets.create\nDROP TABLE"}, "“DROP TABLE” is no operation pattern."),
        ({"tags": "*, -*.delete, Tickets"}, "“Tickets” is no operation pattern."),
        ({"tags": "X" * 500}, f"“{'X' * 80}” is no operation pattern."),
        ({"addresses": "x" * 500}, f"“{'x' * 80}” is no address or network."),
        ({"rate_limit": "0"}, "at least one request a minute"),
        ({"form_token": ""}, "This form was sent before"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(
    root: Agent, alice: Agent, changes: dict[str, str], sentence: str
) -> None:
    client = sign_in(root)
    answer = client.post(f"{LIST}add/", new_form(client, alice, description="What I typed") | changes)
    assert sentence in told(answer)
    assert "What I typed" in told(answer)
    assert not ApiKey.objects.exists()


def test_the_rate_is_told_as_the_reader_groups_digits(root: Agent, alice: Agent) -> None:
    plain, own = robot(alice), robot(alice, rate_limit=2500)
    client = sign_in(root)
    assert "1,000 by plan" in told(client.get(LIST))
    assert "2,500, its own" in told(client.get(LIST))
    assert "1,000 a minute, as the plan" in told(client.get(f"{LIST}{plain.key.pk}/overview/"))
    german = told(client.get(f"{LIST}{own.key.pk}/overview/", headers={"Accept-Language": "de"}))
    assert "2.500 je Minute" in german


def test_lists_may_have_commas_instead_of_lines(root: Agent, alice: Agent) -> None:
    create(sign_in(root), alice, addresses="203.0.113.0/24, 2001:db8::1", tags="*, -*.delete,")
    key = ApiKey.objects.get()
    assert (key.addresses, key.tags) == (["203.0.113.0/24", "2001:db8::1"], ["*", "-*.delete"])


def test_addresses_operations_and_a_day_are_kept(root: Agent, alice: Agent) -> None:
    day = (timezone.now() + timedelta(days=10)).date()
    more = {"addresses": "203.0.113.0/24\n2001:db8::1\n", "tags": "*\n-*.delete", "rate_limit": "30"}
    create(sign_in(root), alice, expiry="date", expiry_date=day.isoformat(), **more)
    key = ApiKey.objects.get()
    assert (key.addresses, key.tags, key.rate_limit) == (
        ["203.0.113.0/24", "2001:db8::1"],
        ["*", "-*.delete"],
        30,
    )
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == f"{day}T23:59:59+00:00"


def test_a_superuser_key_needs_no_agent(root: Agent) -> None:
    answer = create(sign_in(root), None, kind="superuser", admin_functions="on", expiry="never")
    key = ApiKey.objects.get()
    assert (key.kind, key.agent, key.admin_functions, key.expires_at) == ("superuser", None, True, None)
    assert "X-Agent-ID" in told(answer)


# --- Look -------------------------------------------------------------------------------------------------


def test_the_list_says_what_each_key_is(root: Agent, alice: Agent) -> None:
    used = robot(alice, name="Busy", owner=root)
    used.get("/me")
    robot(None, name="CRM", kind="superuser", owner=root, access_level="custom", scopes=["tickets:read"])
    page = told(sign_in(root).get(LIST))
    for words in (
        "Busy",
        "127.0.0.1",
        "any agent it names",
        "reads tickets",
        "reads, writes and deletes everything",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?state=live", {"Busy", "Idle"}),
        ("?state=revoked", {"Old"}),
        ("?state=expired", {"Late"}),
        ("?state=unused", {"Idle", "Old", "Late"}),
        ("?kind__exact=superuser", {"Idle"}),
        ("?q=busy", {"Busy"}),
        ("?q=Alice", {"Busy", "Old", "Late"}),
    ],
)
def test_keys_are_found(root: Agent, alice: Agent, query: str, names: set[str]) -> None:
    robot(alice, name="Busy", owner=root).get("/me")
    robot(None, name="Idle", kind="superuser", owner=root)
    robot(alice, name="Old", owner=root)
    ApiKey.objects.filter(name="Old").update(revoked_at=timezone.now())
    robot(alice, name="Late", owner=root, expires_at=timezone.now() + timedelta(days=1))
    ApiKey.objects.filter(name="Late").update(expires_at=timezone.now())
    found = sign_in(root).get(f"{LIST}{query}").context["cl"].result_list
    assert {key.name for key in found} == names


def test_the_list_costs_as_many_queries_for_many_keys_as_for_one(
    root: Agent, alice: Agent, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(root)
    for number in range(12):
        robot(alice, name=f"Robot {number}", owner=root)
    with django_assert_max_num_queries(10):
        client.get(LIST)


def test_the_overview_says_what_the_role_takes_away(root: Agent, bob: Agent) -> None:
    page = told(sign_in(root).get(f"{LIST}{robot(bob).key.pk}/overview/"))
    assert "Sees 0 tickets of 1 team, and its own" in page
    assert re.search("May not [^.]*delete tickets[^.]*, because the role Team agent may not", page)


def test_a_new_key_has_no_requests_and_says_how_to_make_one(root: Agent, alice: Agent) -> None:
    page = told(sign_in(root).get(f"{LIST}{robot(alice).key.pk}/requests/"))
    assert "No requests yet" in page
    assert 'curl -H "Authorization: Bearer $KEY"' in page


def test_the_requests_page_lists_exactly_the_last_fifty(root: Agent, alice: Agent) -> None:
    r = robot(alice, access_level="read")
    for number in range(52):
        r.get(f"/tickets/{number + 1000}")
    r.post("/tickets", {})
    client = sign_in(root)
    page = client.get(f"{LIST}{r.key.pk}/requests/")
    log = list(page.context["log"])
    assert len(log) == 50
    assert [entry.status for entry in log[:2]] == [403, 404]
    assert log[1].path == "/api/v1/tickets/1051"
    for words in ("Alice", "127.0.0.1", "insufficient_scope", "tickets:write", log[0].request_id):
        assert words in told(page)


def test_what_programs_write_about_themselves_is_only_text(root: Agent, alice: Agent) -> None:
    r = robot(alice)
    r.get("/me", **{"User-Agent": "<script>alert(1)</script>"})
    page = sign_in(root).get(f"{LIST}{r.key.pk}/requests/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
