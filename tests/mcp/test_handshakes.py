"""The protocol over plain HTTP: both eras of it, and everything that somebody could get wrong about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Agent, HelpdeskSettings
from tests.bots import Bot, bot, send
from tests.clock import wait_for_room_in_the_minute

pytestmark = pytest.mark.django_db

STATELESS = "2026-07-28"
PREFIX = "io.modelcontextprotocol"
LISTING = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_with_a_handshake_as_older_clients_begin(alice: Agent, version: str) -> None:
    b = bot(alice, access_level="custom", scopes=["tags:read"])
    hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    told = b.ask("initialize", hello)["result"]
    assert told["protocolVersion"] == version
    assert told["capabilities"] == {"tools": {"listChanged": False}}
    assert told["serverInfo"]["name"] == "helpdesk"
    assert "Alice" in told["instructions"]
    header = {"MCP-Protocol-Version": version}
    ready = b.send({"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=header)
    assert (ready.status_code, ready.content) == (202, b"")
    assert b.ask("ping", headers=header) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    listed = b.send(LISTING, headers=header)
    assert {tool["name"] for tool in listed.json()["result"]["tools"]} == {"me_read", "tags_list"}
    assert listed.json()["id"] == 7
    assert "Mcp-Session-Id" not in listed.headers


def test_a_version_that_nobody_knows_is_answered_with_the_newest_that_shakes_hands(alice: Agent) -> None:
    b = bot(alice)
    for asked in ("1999-01-01", None, 7, STATELESS):
        assert b.ask("initialize", {"protocolVersion": asked})["result"]["protocolVersion"] == "2025-11-25"
    refused = b.send(LISTING, headers={"MCP-Protocol-Version": "1999-01-01"})
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert (error["code"], error["data"]["requested"]) == (-32022, "1999-01-01")
    assert STATELESS in error["data"]["supported"]


def stateless(
    b: Bot, method: str, params: dict[str, Any] | None = None, headers: dict[str, str | None] | None = None
) -> Any:
    """A request that says everything itself. None leaves a header out."""
    meta = {f"{PREFIX}/protocolVersion": STATELESS, f"{PREFIX}/clientCapabilities": {}}
    usual: dict[str, str | None] = {"MCP-Protocol-Version": STATELESS, "Mcp-Method": method}
    said = usual | (headers or {})
    body = {"jsonrpc": "2.0", "id": "a", "method": method, "params": {"_meta": meta, **(params or {})}}
    return b.send(body, {name: value for name, value in said.items() if value is not None})


def test_without_a_handshake_as_the_newest_clients_do(alice: Agent) -> None:
    b = bot(alice, access_level="custom", scopes=["tags:read"])
    found = stateless(b, "server/discover").json()["result"]
    assert STATELESS in found["supportedVersions"]
    assert (found["resultType"], found["cacheScope"], found["ttlMs"]) == ("complete", "private", 0)
    assert found["_meta"][f"{PREFIX}/serverInfo"]["name"] == "helpdesk"
    listed = stateless(b, "tools/list").json()["result"]
    assert [tool["name"] for tool in listed["tools"]] == ["me_read", "tags_list"]
    called = stateless(b, "tools/call", {"name": "tags_list"}, headers={"Mcp-Name": "tags_list"}).json()[
        "result"
    ]
    assert (called["resultType"], called["isError"]) == ("complete", False)
    wrapped = stateless(
        b, "tools/call", {"name": "tags_list"}, headers={"Mcp-Name": "=?base64?dGFnc19saXN0?="}
    )
    assert wrapped.status_code == 200

    for lacking in (
        stateless(b, "tools/list", headers={"Mcp-Method": None}),
        stateless(b, "tools/list", headers={"Mcp-Method": "tools/call"}),
        stateless(b, "tools/call", {"name": "tags_list"}, headers={"Mcp-Name": "me_read"}),
        stateless(b, "tools/call", {"name": "tags_list"}, headers={"Mcp-Name": "=?base64?%?="}),
        stateless(
            b, "tools/list", {"_meta": {f"{PREFIX}/protocolVersion": 7, f"{PREFIX}/clientCapabilities": {}}}
        ),
    ):
        assert (lacking.status_code, lacking.json()["error"]["code"]) == (400, -32020), lacking.content
    bare = stateless(b, "tools/list", {"_meta": {}})
    assert (bare.status_code, bare.json()["error"]["code"]) == (400, -32602)
    gone = stateless(b, "initialize")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, -32601)


def test_batches_where_the_version_has_them(alice: Agent) -> None:
    wait_for_room_in_the_minute(5)
    b = bot(alice, access_level="custom", scopes=["tags:read"], rate_limit=4)
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answers = b.send([note, ping, LISTING], headers={"MCP-Protocol-Version": "2025-03-26"}).json()
    assert [answer["id"] for answer in answers] == [1, 7]
    # Each message counts for itself: what the minute does not hold is refused in its place.
    few = b.send([ping, {**ping, "id": 2}])
    assert few.status_code == 200
    assert [answer.get("error", {}).get("code") for answer in few.json()] == [None, -32004]
    assert b.key.requests.count() == 5

    b = bot(alice)
    assert b.send([note]).status_code == 202
    for wrong in ([], [ping] * 21, [{**LISTING, "method": "initialize"}]):
        assert b.send(wrong).json()["error"]["code"] == -32600
    late = b.send([ping], headers={"MCP-Protocol-Version": "2025-06-18"})
    assert (late.status_code, late.json()["error"]["code"]) == (400, -32600)


HOSTILE: list[tuple[Any, int]] = [
    (b"", -32700),
    (b"{", -32700),
    (b"\xff\xfe", -32700),
    (b"NaN", -32700),
    (b"[" * 100_000, -32700),
    (b'{"id": ' + b"1" * 5000 + b"}", -32700),
    ("null", -32600),
    ('"hello"', -32600),
    ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
    ({"jsonrpc": "2.0", "id": 1, "method": 7}, -32600),
    ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, -32600),
    ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600),
    ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600),
    ({"jsonrpc": "2.0", "id": {"a": 1}, "method": "ping"}, -32600),
    ({"jsonrpc": "2.0", "id": "\ud800", "method": "\ud800\x00"}, -32601),
    ({"jsonrpc": "2.0", "id": 1, "method": "resources/list"}, -32601),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "x"}}, -32602),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}, -32602),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": ["x"]}}, -32602),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "keys_create"}}, -32602),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "me_read", "arguments": [1]}}, -32602),
]  # fmt: skip


def test_hostile_messages_are_refused_in_words(alice: Agent) -> None:
    b = bot(alice)
    for body, code in HOSTILE:
        answer = b.send(body)
        assert answer.status_code < 500, body
        assert answer.json()["error"]["code"] == code, body
        assert answer.json()["error"]["message"]
    assert b.send(b" " * 1_100_000).status_code == 413
    assert b.send({"jsonrpc": "2.0", "id": 3, "result": {}}).status_code == 202


def test_what_is_wrong_with_the_request_itself(alice: Agent) -> None:
    b = bot(alice)
    for method in ("get", "delete", "put", "head"):
        answer = getattr(Client(), method)("/mcp", headers=b.bearer)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    body = json.dumps(LISTING)
    assert Client().post("/mcp", body, "text/plain", headers=b.bearer).status_code == 415
    assert b.send(body, {"Accept": "text/html"}).status_code == 406
    assert b.send(body, {"Origin": "https://elsewhere.example"}).status_code == 403
    good = b.send(body, {"Origin": "http://127.0.0.1:8000", "Accept": "application/json, text/event-stream"})
    assert good.status_code == 200
    assert good.headers["Cache-Control"] == "no-store"
    assert Client().post("/mcp/", body, "application/json", headers=b.bearer).status_code == 200


def test_nobody_is_let_in_without_a_credential_for_this_door(alice: Agent) -> None:
    none = send(LISTING, headers={})
    assert (none.status_code, none.json()["error"]["data"]["reason"]) == (401, "credentials_missing")
    assert none.headers["WWW-Authenticate"].startswith('Bearer realm="helpdesk"')
    assert "X-RateLimit-Limit" not in none.headers
    for wrong, why in (
        ("Bearer hdb_" + "0" * 38, "invalid_token"),
        ("Basic YTpi", "unsupported_scheme"),
        ("Bearer", "malformed"),
        ("key 1:hdb_" + "0" * 38, "malformed"),
        ("Bearer \x00é", "malformed"),
    ):
        answer = send(LISTING, headers={"Authorization": wrong})
        assert (answer.status_code, answer.json()["error"]["data"]["reason"]) == (401, why)
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_rate_is_told_and_kept(alice: Agent) -> None:
    wait_for_room_in_the_minute(5)
    b = bot(alice, rate_limit=2)
    first = b.send(LISTING)
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("2", "1")
    b.send(LISTING)
    third = b.send(LISTING)
    assert third.status_code == 429
    assert int(third.headers["Retry-After"]) > 0
    assert third.json()["error"]["code"] == -32004
    assert "2 requests a minute" in third.json()["error"]["message"]


def test_a_plan_without_the_api_leaves_bots_outside_too(alice: Agent) -> None:
    b = bot(alice)
    HelpdeskSettings.objects.update(plans_with_api=[])
    answer = b.send(LISTING)
    assert (answer.status_code, answer.json()["error"]["data"]["reason"]) == (403, "plan_required")
