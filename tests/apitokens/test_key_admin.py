"""Root creates a key in the admin, sees its secret once, follows what it does, and shuts it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agent
from activity.models import Event
from apitokens.models import ApiKey
from tests.bots import send
from tests.cast import sign_in
from tests.factories import AgentFactory, role
from tests.robot import ask, reason, robot

pytestmark = pytest.mark.django_db

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
LIST = "/admin/apitokens/apikey/"


def new_form(client: Client, agent: Agent | None, **changes: Any) -> dict[str, Any]:
    """What a browser would send after the four questions are answered."""
    page = client.get(f"{LIST}add/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    fields = {
        "name": "CRM sync",
        "agent": agent.pk if agent else "",
        "access_level": "full",
        "expiry": "90",
        "kind": "agent",
        "owner": int(client.session["_auth_user_id"]),
        "form_token": token[1],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def create(client: Client, agent: Agent | None, **changes: Any) -> Any:
    return client.post(f"{LIST}add/", new_form(client, agent, **changes))


def told(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def secret_in(answer: Any) -> str:
    found = re.search(r"hdk_[0-9A-Za-z]{38}", told(answer))
    assert found, told(answer)
    return found[0]


def me(secret: str) -> Any:
    return ask("get", "/me", headers={"Authorization": f"Bearer {secret}"})


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


# --- Change -----------------------------------------------------------------------------------------------


def edit_form(key: ApiKey, **changes: Any) -> dict[str, Any]:
    fields = {
        "name": key.name,
        "agent": key.agent_id or "",
        "access_level": key.access_level,
        "expiry": "keep",
        "kind": key.kind,
        "owner": key.owner_id,
        "tags": "\n".join(key.tags),
        "addresses": "\n".join(key.addresses),
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_a_narrowed_key_is_refused_on_its_next_request(root: Agent, alice: Agent) -> None:
    r = robot(alice)
    assert r.get("/tickets").status_code == 200
    narrow = edit_form(r.key, access_level="custom", **{"scopes-tags": "read"})
    answer = sign_in(root).post(f"{LIST}{r.key.pk}/change/", narrow)
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{r.key.pk}/overview/")
    assert reason(r.get("/tickets")) == "insufficient_scope"
    event = Event.objects.about(r.key).get(type="key.changed")
    assert event.changes == {"access_level": ["full", "custom"], "scopes": [[], ["tags:read"]]}


def test_saving_what_nobody_changed_changes_nothing(root: Agent, alice: Agent) -> None:
    """Not even scopes that the grid has no column for, in another vendor's words."""
    r = robot(alice, access_level="custom", scopes=["requests:write", "tags:read"], expires_at=None)
    client = sign_in(root)
    grid = re.findall(
        r'name="(scopes-\w+)" value="([^"]*)" checked',
        client.get(f"{LIST}{r.key.pk}/change/").content.decode(),
    )
    client.post(f"{LIST}{r.key.pk}/change/", edit_form(r.key, **dict(grid)))
    assert ApiKey.objects.get().scopes == ["requests:write", "tags:read"]
    assert not Event.objects.about(r.key).filter(type="key.changed").exists()


def press(client: Client, key: ApiKey, button: str) -> Any:
    """Open the page that asks, and say yes."""
    page = client.get(f"{LIST}{key.pk}/{button}/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    return client.post(f"{LIST}{key.pk}/{button}/", {"form_token": token[1]} if token else {})


def test_regenerating_shows_a_new_secret_and_ends_the_old_one(root: Agent, alice: Agent) -> None:
    r = robot(alice)
    answer = press(sign_in(root), r.key, "regenerate")
    assert "no-store" in answer["Cache-Control"]
    assert me(secret_in(answer)).status_code == 200
    assert r.get("/me").status_code == 401


def test_reloading_the_answer_does_not_end_the_secret_just_shown(root: Agent, alice: Agent) -> None:
    key, client = robot(alice).key, sign_in(root)
    page = client.get(f"{LIST}{key.pk}/regenerate/").content.decode()
    token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
    secret = secret_in(client.post(f"{LIST}{key.pk}/regenerate/", {"form_token": token}))
    again = client.post(f"{LIST}{key.pk}/regenerate/", {"form_token": token})
    assert "This form was sent before" in told(again)
    assert me(secret).status_code == 200


def test_revoking_asks_first_and_is_for_good(root: Agent, alice: Agent) -> None:
    r, client = robot(alice), sign_in(root)
    assert "Revoke this key?" in told(client.get(f"{LIST}{r.key.pk}/revoke/"))
    assert r.get("/me").status_code == 200
    press(client, r.key, "revoke")
    assert reason(r.get("/me")) == "revoked"
    assert client.get(f"{LIST}{r.key.pk}/regenerate/").status_code == 403
    assert (
        "Regenerate"
        not in told(client.get(f"{LIST}{r.key.pk}/overview/")).split("<main")[1].split("Who and when")[0]
    )


def test_only_a_revoked_key_is_deleted_and_history_keeps_its_name(root: Agent, alice: Agent) -> None:
    key, client = robot(alice, name="Old robot").key, sign_in(root)
    assert client.post(f"{LIST}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    press(client, key, "revoke")
    client.post(f"{LIST}{key.pk}/delete/", {"post": "yes"})
    assert not ApiKey.objects.exists()
    assert Event.objects.get(type="key.deleted").subject_label == "Old robot"


def test_get_requests_change_nothing(root: Agent, alice: Agent) -> None:
    r, client = robot(alice), sign_in(root)
    for page in ("regenerate", "revoke", "delete", "change"):
        client.get(f"{LIST}{r.key.pk}/{page}/")
    assert r.get("/me").status_code == 200


# --- Somebody who may make keys without being an administrator ---------------------------------------------


@pytest.fixture
def lena(db: None) -> Agent:
    rights = [
        "keys:read",
        "keys:write",
        "keys:delete",
        "tickets:read",
        "tags:read",
        "agents:read",
        "events:read",
    ]
    return AgentFactory(
        name="Lena", role=role("Integrator", permissions=rights, reach="teams", enters_admin=True)
    )


def test_lena_makes_a_key_for_what_she_may_do_herself(lena: Agent) -> None:
    answer = create(sign_in(lena), lena, access_level="custom", kind=None, **{"scopes-tickets": "read"})
    assert me(secret_in(answer)).json()["data"]["scopes"] == ["tickets:read"]


@pytest.mark.parametrize("forged", [{"kind": "superuser"}, {"admin_functions": "on"}])
def test_lena_is_not_offered_superuser_keys_and_cannot_forge_one(lena: Agent, forged: dict[str, str]) -> None:
    client = sign_in(lena)
    assert 'value="superuser"' not in told(client.get(f"{LIST}add/"))
    create(client, lena, access_level="custom", **({"kind": None, "scopes-tickets": "read"} | forged))
    for key in ApiKey.objects.all():
        assert (key.kind, key.admin_functions) == ("agent", False)


def test_lena_makes_no_key_that_acts_as_somebody_who_may_do_more(
    lena: Agent, alice: Agent, root: Agent
) -> None:
    client = sign_in(lena)
    for agent in (alice, root):
        answer = create(client, agent, kind=None)
        assert "Nothing has been saved yet" in told(answer)
        assert re.search("may not do yourself|Only an administrator", told(answer))
    assert not ApiKey.objects.exists()


def test_lena_neither_sees_nor_touches_the_keys_of_others(lena: Agent, root: Agent, alice: Agent) -> None:
    theirs = robot(alice, name="Canary", owner=root)
    theirs.get("/me")
    client = sign_in(lena)
    assert "Canary" not in told(client.get(LIST)) + told(client.get("/admin/activity/event/"))
    assert "Nothing matches" in told(client.get(f"{LIST}?q=Canary"))
    for page in ("overview", "requests", "change", "history", "regenerate", "revoke", "delete"):
        for answer in (
            client.get(f"{LIST}{theirs.key.pk}/{page}/"),
            client.post(f"{LIST}{theirs.key.pk}/{page}/", {}),
        ):
            assert answer.status_code in {302, 403, 404}, page
            assert "Canary" not in told(answer)
    assert theirs.get("/me").status_code == 200


def test_lena_does_not_widen_a_key_of_hers(lena: Agent, alice: Agent) -> None:
    hers = robot(lena, access_level="custom", scopes=["tickets:read"])
    client = sign_in(lena)
    for wider in ({"agent": alice.pk, "access_level": "full"}, {"kind": "superuser", "agent": ""}):
        client.post(f"{LIST}{hers.key.pk}/change/", edit_form(hers.key, **wider))
    key = ApiKey.objects.get()
    assert (key.agent, key.kind, key.access_level) == (lena, "agent", "custom")


def test_who_may_only_read_keys_changes_none(root: Agent) -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["keys:read"], enters_admin=True))
    own = robot(reader)
    client = sign_in(reader)
    assert client.get(f"{LIST}{own.key.pk}/overview/").status_code == 200
    assert client.get(f"{LIST}{own.key.pk}/change/")["Location"] == f"{LIST}{own.key.pk}/overview/"
    for page in ("regenerate", "revoke", "delete", "change"):
        client.post(f"{LIST}{own.key.pk}/{page}/", {"post": "yes", "form_token": "x", "name": "Mine"})
    assert own.get("/me").status_code == 200
    assert client.get(f"{LIST}add/").status_code == 403


# --- Bot tokens ---------------------------------------------------------------------------------------------


def test_a_bot_token_is_made_shown_once_and_stays_one(root: Agent, alice: Agent) -> None:
    client = sign_in(root)
    answer = create(client, alice, kind="bot", name="Assistant")
    page = told(answer)
    secret = re.search(r"hdb_[0-9A-Za-z]{38}", page)
    assert secret
    assert "claude mcp add --transport http helpdesk http://127.0.0.1:8000/mcp" in html.unescape(page)
    assert "hdk_" not in page
    token = ApiKey.objects.get()
    assert send(PING, headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 200
    assert me(secret[0]).status_code == 401
    overview = told(client.get(f"{LIST}{token.pk}/overview/"))
    assert "Bot token" in overview
    assert "mcpServers" in overview
    assert secret[0] not in overview
    form = told(client.get(f"{LIST}{token.pk}/change/"))
    assert 'name="kind"' not in form
    assert 'name="admin_functions"' not in form
    for page_of in ("requests", "usage", "changes"):
        assert client.get(f"{LIST}{token.pk}/{page_of}/").status_code == 200
    assert "mcp.ping" in told(client.get(f"{LIST}{token.pk}/requests/"))

    again = told(press(client, token, "regenerate"))
    fresh = re.search(r"hdb_[0-9A-Za-z]{38}", again)
    assert fresh
    assert fresh[0] != secret[0]
    assert send(PING, headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 401
    assert send(PING, headers={"Authorization": f"Bearer {fresh[0]}"}).status_code == 200


def test_a_key_is_never_turned_into_a_bot_token_nor_given_its_door(root: Agent, alice: Agent) -> None:
    machine = robot(root, name="Machine", admin_functions=True)
    made = machine.post("/keys", {"name": "Bot", "kind": "bot", "agent": alice.pk, "access_level": "read"})
    assert made.json()["data"]["secret"].startswith("hdb_")
    turned = machine.patch(f"/keys/{made.json()['data']['id']}", {"kind": "agent"})
    assert (turned.status_code, list(turned.json()["error"]["fields"])) == (422, ["kind"])
    turned = machine.patch(f"/keys/{robot(alice).key.pk}", {"kind": "bot"})
    assert turned.status_code == 422
    administers = {"name": "Bot", "kind": "bot", "agent": root.pk, "admin_functions": True}
    refused = machine.post("/keys", administers)
    assert "admin_functions" in refused.json()["error"]["fields"]
    nobody = machine.post("/keys", {"name": "Bot", "kind": "bot"})
    assert "agent" in nobody.json()["error"]["fields"]
