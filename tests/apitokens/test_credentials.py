"""Getting in with a key, in both spellings, and every way of not getting in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Agent, HelpdeskSettings
from activity.actor import system_actor
from apitokens import secrets
from apitokens.actions import regenerate, revoke
from apitokens.models import ApiKey
from tests.robot import ask, reason, robot

pytestmark = pytest.mark.django_db


def test_both_spellings_let_the_robot_in(alice: Agent) -> None:
    r = robot(alice)
    for headers in (r.bearer, r.code, {"Authorization": f"bEaReR   {r.secret}"}):
        answer = ask("get", "/me", headers=headers)
        assert answer.status_code == 200
        assert answer.json()["data"]["person"]["email"] == alice.email


def test_the_vendors_own_addresses_work(alice: Agent) -> None:
    r = robot(alice)
    for path in ("/api/v2/me", "/api/v2/me/", "/v1/me", "/api/v1/me/"):
        assert ask("get", path, headers=r.code).json()["data"]["person_id"] == alice.pk
    assert ask("get", "/v1/requests", headers=r.bearer).status_code == 200
    assert ask("get", "/api/v1/", headers=r.bearer).status_code == 200
    assert ask("get", "/api/v2/users", headers=r.bearer).json()["data"][0]["name"] == "Alice"


def test_me_holds_the_members_of_both_vendors(alice: Agent) -> None:
    me = robot(alice, access_level="read").get("/me").json()["data"]
    assert me["auth_method"] == "api_key"
    assert {"app_id", "person_id", "person", "id", "email", "role", "scopes", "key", "acting"} <= set(me)
    assert me["role"] == "agent"
    assert me["acting"] == {"agent_id": alice.pk, "source": "bound"}
    assert "tickets.list" in me["abilities"]
    assert "tickets.reply" not in me["abilities"]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("Basic YWxpY2U6cGFzc3dvcmQ=", "unsupported_scheme"),
        ("", "malformed"),
        ("Bearer hdk_x,", "malformed"),
        ("Bearer 1:hdk_x", "malformed"),
        ("Bearer", "malformed"),
        ("Bearer ", "malformed"),
        ("Bearer\thdk_x", "malformed"),
        ("Bearer hdk_x, Bearer hdk_y", "malformed"),
        ("Bearer hdk_\x00x", "malformed"),
        ("Bearer hdk_é", "malformed"),
        ("key 0:hdk_x", "malformed"),
        ("key 007:hdk_x", "malformed"),
        ("key -1:hdk_x", "malformed"),
        ("key +1:hdk_x", "malformed"),
        ("key 1:", "malformed"),
        ("key hdk_x", "malformed"),
        ("key 99999999999999999999:hdk_x", "malformed"),
        ("Bearer " + "a" * 300, "malformed"),
        ("Bearer " + "a" * 70_000, "malformed"),
        ("Bearer hdk_x", "invalid_token"),
        ("Bearer hdk_" + "0" * 38, "invalid_token"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_in_words(header: str, why: str) -> None:
    answer = ask("get", "/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert reason(answer) == why
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="helpdesk", error="invalid_token"')
    assert "X-RateLimit-Limit" not in answer.headers


def test_no_credential_is_told_how_to_send_one() -> None:
    answer = ask("get", "/me")
    assert answer.status_code == 401
    assert reason(answer) == "credentials_missing"
    assert "error=" not in answer.headers["WWW-Authenticate"]


def test_unknown_id_wrong_secret_and_foreign_id_get_the_same_answer(alice: Agent) -> None:
    r, other = robot(alice), robot(alice, name="Other")
    wrong = secrets.generate()
    bodies = []
    for header in (
        f"key {r.key.pk}:{wrong}",
        f"key 999999:{wrong}",
        f"key {other.key.pk}:{r.secret}",
        f"Bearer {wrong}",
    ):
        answer = ask("get", "/me", headers={"Authorization": header, "X-Request-ID": "same"})
        assert answer.status_code == 401
        bodies.append(answer.content)
    assert len(set(bodies)) == 1


def test_a_secret_in_the_query_or_the_body_is_not_a_credential(alice: Agent) -> None:
    r = robot(alice)
    assert ask("get", f"/me?access_token={r.secret}").status_code == 401
    assert ask("post", "/tickets", {"api_key": r.secret}).status_code == 401


def test_a_revoked_key_says_so(alice: Agent) -> None:
    r = robot(alice)
    revoke(r.key, actor=system_actor())
    assert reason(r.get("/me")) == "revoked"


def test_a_regenerated_key_knows_only_its_new_secret(alice: Agent) -> None:
    r = robot(alice)
    fresh = regenerate(r.key, actor=system_actor())
    assert reason(r.get("/me")) == "invalid_token"
    assert ask("get", "/me", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200


def test_an_expired_key_says_since_when(alice: Agent) -> None:
    r = robot(alice, expires_at=timezone.now() + timedelta(seconds=30))
    assert r.get("/me").status_code == 200
    ApiKey.objects.filter(pk=r.key.pk).update(expires_at=timezone.now())
    refused = r.get("/me")
    assert reason(refused) == "expired"
    assert refused.json()["error"]["message"].endswith("An admin can give it a later expiry.")


def test_a_disabled_agent_stops_the_key_at_once(alice: Agent) -> None:
    r = robot(alice)
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    answer = r.get("/me")
    assert (answer.status_code, reason(answer)) == (401, "agent_disabled")


def test_a_key_may_be_bound_to_addresses(alice: Agent) -> None:
    inside = robot(alice, addresses=["127.0.0.0/8", "2001:db8::/32"])
    outside = robot(alice, addresses=["203.0.113.7"])
    assert inside.get("/me").status_code == 200
    answer = outside.get("/me")
    assert (answer.status_code, reason(answer)) == (403, "ip_not_allowed")
    assert answer.json()["error"]["address"] == "127.0.0.1"


def test_a_plan_without_the_api_shuts_every_key_out_but_a_trial_lets_them_in(alice: Agent) -> None:
    r = robot(alice)
    HelpdeskSettings.objects.update(plan="standard", plans_with_api=["enterprise"])
    answer = r.get("/me")
    assert (answer.status_code, reason(answer)) == (403, "plan_required")
    HelpdeskSettings.objects.update(trial_started_at=timezone.now() - timedelta(days=6))
    assert r.get("/me").status_code == 200
    HelpdeskSettings.objects.update(trial_started_at=timezone.now() - timedelta(days=7))
    assert r.get("/me").status_code == 403


def test_a_pepper_can_be_rotated(alice: Agent, settings: object) -> None:
    r = robot(alice)
    old = settings.API_KEY_PEPPERS  # type: ignore[attr-defined]
    settings.API_KEY_PEPPERS = ["a newer pepper", *old]  # type: ignore[attr-defined]
    assert r.get("/me").status_code == 200
    settings.API_KEY_PEPPERS = ["a newer pepper"]  # type: ignore[attr-defined]
    assert reason(r.get("/me")) == "invalid_token"


def test_wrong_secrets_from_one_address_are_limited_but_right_ones_still_work(alice: Agent) -> None:
    r = robot(alice)
    answers = [ask("get", "/me", headers={"Authorization": "Bearer hdk_wrong"}) for _ in range(61)]
    assert {a.status_code for a in answers[:60]} == {401}
    assert answers[60].status_code == 429
    assert answers[60].headers["Retry-After"] == "60"
    assert r.get("/me").status_code == 200
