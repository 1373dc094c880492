"""Root narrows a key in the admin, regenerates, revokes and deletes it; and makes bot tokens."""

from __future__ import annotations

import html
import re

import pytest

from accounts.models import Agent
from activity.models import Event
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, create, edit_form, me, press, secret_in, told
from tests.bots import send
from tests.cast import sign_in
from tests.robot import reason, robot

pytestmark = pytest.mark.django_db

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


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
