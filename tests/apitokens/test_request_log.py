"""The last 50 requests of a key: all of them, only them, and nothing secret in them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import Agent
from apitokens import secrets
from apitokens.models import LoggedRequest
from tests.factories import ticket
from tests.robot import ask, robot
from tests.servers import StartServer


@pytest.mark.django_db
@pytest.mark.parametrize(("requests", "kept"), [(49, 49), (50, 50), (51, 50), (120, 50)])
def test_the_log_holds_the_newest_fifty(requests: int, kept: int, alice: Agent) -> None:
    r = robot(alice)
    ids = [r.get("/me", **{"X-Request-ID": f"request-{n}"}).headers["X-Request-ID"] for n in range(requests)]
    logged = [row["request_id"] for row in r.get("/me/requests").json()["data"]]
    assert logged == ids[::-1][:kept]


@pytest.mark.django_db(transaction=True)
def test_none_of_the_newest_is_missing_when_many_come_at_once(
    alice: Agent, start_server: StartServer
) -> None:
    r = robot(alice)
    server = start_server(processes=2)
    with ThreadPoolExecutor(16) as pool, r.over_http(server.url) as client:
        answers = list(pool.map(lambda _n: client.get("/me").status_code, range(120)))
    assert answers == [200] * 120
    numbers = sorted(LoggedRequest.objects.filter(key=r.key).values_list("sequence", flat=True))
    assert numbers == list(range(71, 121))


@pytest.mark.django_db
def test_a_line_tells_what_happened(alice: Agent) -> None:
    case = ticket()
    r = robot(alice, access_level="read")
    r.get(f"/tickets/{case.pk}?include=contact", **{"User-Agent": "curl/8\x07"})
    r.post(f"/tickets/{case.pk}/reply", {"body": "Hello"})
    refused, read = r.get("/me/requests").json()["data"][:2]
    assert (read["method"], read["path"], read["status"]) == ("GET", f"/api/v1/tickets/{case.pk}", 200)
    assert (read["query"], read["operation"]) == ("include=contact", "tickets.read")
    assert (read["acting"], read["scheme"]) == ({"agent_id": alice.pk, "source": "bound"}, "bearer")
    assert read["user_agent"] == "curl/8�"
    assert read["duration_ms"] > 0
    assert read["bytes"] > 100
    assert refused["status"] == 403
    assert refused["error"] == {"code": "FORBIDDEN", "reason": "insufficient_scope"}
    assert refused["required_scope"] == "messages:write"


@pytest.mark.django_db
def test_refusals_of_a_known_key_are_logged_and_wrong_secrets_are_not(alice: Agent) -> None:
    r = robot(alice)
    r.get("/me")
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    r.get("/me")
    ask("get", "/me", headers={"Authorization": f"key {r.key.pk}:{secrets.generate()}"})
    Agent.objects.filter(pk=alice.pk).update(is_active=True)
    reasons = [(row["error"] or {}).get("reason") for row in r.get("/me/requests").json()["data"]]
    assert reasons == ["agent_disabled", None]


@pytest.mark.django_db
def test_the_log_keeps_no_secret_and_no_query_value_worth_hiding(alice: Agent) -> None:
    r = robot(alice)
    r.get(f"/me?token={r.secret}&q=carol@customer.example")
    r.get("/tickets?q=carol@customer.example&status=open")
    r.get(f"/tickets/{r.secret}")
    logged = str(r.get("/me/requests").json()["data"])
    assert r.secret not in logged
    assert r.secret[4:] not in logged
    assert "carol@" not in logged
    assert "status=open" in logged


@pytest.mark.django_db
def test_a_server_error_is_logged_too(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    r = robot(alice)

    def burst(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("apitokens.api.me.Me.get", burst)
    answer = r.get("/me")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "SERVER_ERROR"
    assert "boom" not in answer.content.decode()
    assert r.get("/me/requests").json()["data"][0]["status"] == 500


@pytest.mark.django_db
def test_keys_do_not_see_each_others_requests(alice: Agent) -> None:
    one, other = robot(alice), robot(alice, name="Other")
    one.get("/tickets")
    assert other.get("/me/requests").json()["data"] == []
