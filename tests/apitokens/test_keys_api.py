"""`/keys`: administering API keys by API, without a way to more than one has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Team
from activity.models import Event
from apitokens.models import ApiKey
from tests.canary import tables_holding
from tests.factories import AgentFactory, role
from tests.robot import Robot, ask, reason, robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(root: Agent) -> Robot:
    """Root's own key, with full access and admin functions."""
    return robot(root, name="Key desk", admin_functions=True)


def narrow_desk(root: Agent, **fields: Any) -> Robot:
    """A key of Root's that administers keys and reads tickets, and nothing else."""
    return robot(
        root, name="Narrow", access_level="custom", scopes=["tickets:read"], admin_functions=True, **fields
    )


def new(agent: Agent, **fields: Any) -> dict[str, Any]:
    return {"name": "Shop sync", "agent": agent.pk} | fields


def test_a_key_is_made_and_its_secret_shown_once_in_both_spellings(desk: Robot, alice: Agent) -> None:
    answer = desk.post("/keys", new(alice, scopes=["requests:read"], tags=["tickets.*"]))
    assert answer.status_code == 201, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    data = answer.json()["data"]
    assert answer.headers["Location"].endswith(f"/api/v1/keys/{data['id']}")
    assert (data["agent"], data["owner"], data["created_by"]) == (
        alice.pk,
        desk.key.agent_id,
        desk.key.agent_id,
    )
    assert (data["access_level"], data["scopes"], data["state"]) == ("custom", ["requests:read"], "live")
    for header in (f"Bearer {data['secret']}", f"key {data['code']}"):
        assert ask("get", "/tickets", headers={"Authorization": header}).status_code == 200
    shown = desk.get(f"/keys/{data['id']}").json()["data"]
    last = {name: shown[name] for name in ("last_used_at", "last_address")}
    assert shown == {name: value for name, value in data.items() if name not in {"secret", "code"}} | last
    assert data["secret"].endswith(shown["secret_ends_with"])


def test_the_secret_is_kept_nowhere_not_even_for_a_repetition(desk: Robot, alice: Agent) -> None:
    once = {"Idempotency-Key": "make-the-key"}
    first, second = (desk.post("/keys", new(alice), **once) for _ in range(2))
    secret = first.json()["data"]["secret"]
    assert (second.status_code, second.headers["Idempotent-Replayed"]) == (201, "true")
    again = second.json()
    assert (again["data"]["secret"], again["data"]["code"]) == (None, None)
    assert again["meta"] == {"secret_withheld": True}
    assert again["data"]["id"] == first.json()["data"]["id"]
    fresh = desk.post(f"/keys/{again['data']['id']}/regenerate", {}, **{"Idempotency-Key": "once-more"})
    assert tables_holding(desk.key.name), "The search would find what there is."
    for text in (secret, fresh.json()["data"]["secret"]):
        assert tables_holding(text) == []


def test_a_rehearsal_shows_no_secret_and_makes_no_key(desk: Robot, alice: Agent) -> None:
    keys = ApiKey.objects.count()
    answer = desk.post("/keys", new(alice), Prefer="dry-run")
    assert (answer.status_code, answer.json()["data"]["secret"]) == (200, None)
    assert "hdk_" not in answer.content.decode()
    assert ApiKey.objects.count() == keys


def test_a_new_secret_replaces_the_old_one_at_once(desk: Robot, alice: Agent) -> None:
    old = robot(alice)
    assert old.get("/me").status_code == 200
    answer = desk.post(f"/keys/{old.key.pk}/regenerate")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert old.get("/me").status_code == 401
    assert Robot(old.key, answer.json()["data"]["secret"]).get("/me").status_code == 200


def test_a_key_is_narrowed_from_its_next_request_on(desk: Robot, alice: Agent) -> None:
    r = robot(alice)
    changed = desk.patch(
        f"/keys/{r.key.pk}", {"access_level": "read", "rate_limit": 7, "addresses": ["127.0.0.1"]}
    )
    assert (changed.status_code, changed.json()["data"]["granted_scopes"]) == (200, ["*:read"])
    answer = r.post("/tags", {"name": "late"})
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (403, "7")
    event = Event.objects.get(type="key.changed")
    assert (event.key_name, event.changes["access_level"]) == ("Key desk", ["full", "read"])


def test_revoking_is_for_good_and_only_the_revoked_are_deleted(desk: Robot, alice: Agent) -> None:
    r = robot(alice)
    path = f"/keys/{r.key.pk}"
    assert desk.delete(path).status_code == 409
    assert desk.post(f"{path}/revoke").json()["data"]["state"] == "revoked"
    assert reason(r.get("/me")) == "revoked"
    assert desk.post(f"{path}/revoke").status_code == 200, "Doing it again is no mistake."
    for refused in (desk.patch(path, {"name": "Back"}), desk.post(f"{path}/regenerate")):
        assert refused.status_code == 422
    assert desk.delete(path).status_code == 204
    assert desk.get(path).status_code == 404
    assert Event.objects.filter(type="key.deleted", subject_label="Robot").exists()


def test_the_log_of_a_key_is_what_the_key_itself_is_told(desk: Robot, alice: Agent) -> None:
    r = robot(alice, access_level="read")
    r.post("/tags", {"name": "late"})
    log = desk.get(f"/keys/{r.key.pk}/requests").json()
    assert log["meta"] == {"limit": 50}
    assert [(row["method"], row["status"], row["error"]["reason"]) for row in log["data"]] == [
        ("POST", 403, "insufficient_scope")
    ]
    assert log["data"] == r.get("/me/requests").json()["data"]


def test_only_admin_functions_get_here_and_only_while_the_role_administers(root: Agent, alice: Agent) -> None:
    for without in (robot(root), robot(alice)):
        answer = without.get("/keys")
        assert (answer.status_code, answer.json()["error"]["required_scopes"]) == (403, ["keys:read"])
    answer = robot(alice, admin_functions=True).get("/keys")
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "role")
    superuser = robot(None, owner=root, kind="superuser", admin_functions=True)
    assert superuser.acting_as(root).get("/keys").status_code == 200
    assert superuser.acting_as(alice).get("/keys").status_code == 403
    assert reason(superuser.get("/keys")) == "agent_required"


def test_no_scope_and_no_wildcard_means_administration(desk: Robot, alice: Agent) -> None:
    for scope in ("keys:read", "settings:write", "admin"):
        answer = desk.post("/keys", new(alice, scopes=[scope]))
        assert (answer.status_code, [*answer.json()["error"]["fields"]]) == (422, ["scopes"])
    wild = desk.post("/keys", new(alice, scopes=["*:read", "*:write", "*:delete"])).json()["data"]["secret"]
    assert ask("get", "/keys", headers={"Authorization": f"Bearer {wild}"}).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"access_level": "full"},
        {"access_level": "read"},
        {"scopes": ["tickets:read", "tickets:write"]},
        {"access_level": "full", "admin_functions": True},
        {"kind": "superuser", "agent": None, "access_level": "full"},
        {"kind": "superuser", "access_level": "full"},
    ],
)
def test_a_key_makes_no_key_that_may_more_than_itself(
    fields: dict[str, Any], root: Agent, alice: Agent
) -> None:
    r = narrow_desk(root)
    answer = r.post("/keys", new(alice) | fields)
    assert (answer.status_code, reason(answer)) == (403, "agent_permission")
    assert answer.json()["error"]["decided_by"] == "widening"
    assert r.post("/keys", new(alice, scopes=["tickets:read"])).status_code == 201


def test_a_superuser_key_with_a_harmless_default_agent_is_still_what_it_is(root: Agent) -> None:
    nobody = AgentFactory(name="Nobody", role=role("Nothing"))
    answer = narrow_desk(root).post("/keys", new(nobody, kind="superuser", access_level="full"))
    assert answer.json()["error"]["decided_by"] == "widening"


def test_a_key_widens_and_takes_over_nothing(root: Agent, alice: Agent) -> None:
    r, wide = narrow_desk(root), robot(alice)
    own = f"/keys/{r.key.pk}"
    refused = [
        r.patch(own, {"access_level": "full"}),
        r.patch(own, {"scopes": ["tickets:read", "contacts:read"]}),
        r.patch(f"/keys/{wide.key.pk}", {"name": "Mine now"}),
        r.post(f"/keys/{wide.key.pk}/regenerate"),
    ]
    assert [(a.status_code, a.json()["error"]["decided_by"]) for a in refused] == [(403, "widening")] * 4
    assert wide.get("/me").status_code == 200, "Its secret is what it was."
    assert r.post(f"/keys/{wide.key.pk}/revoke").status_code == 200, "Shutting a key gives nobody anything."


def test_limits_to_operations_are_handed_down(root: Agent, alice: Agent) -> None:
    r = robot(root, admin_functions=True, tags=["keys.*", "tickets.list", "-*.delete"])
    assert r.post("/keys", new(alice)).json()["error"]["decided_by"] == "widening"
    assert r.post("/keys", new(alice, tags=["tickets.*", "-*.delete"])).status_code == 403
    assert r.post("/keys", new(alice, tags=["tickets.list"])).status_code == 403
    assert r.post("/keys", new(alice, tags=["tickets.list", "-*.delete"])).status_code == 201


def test_whoever_holds_the_right_to_keys_alone_has_his_own_and_no_others(root: Agent) -> None:
    rights = ["keys:read", "keys:write", "tickets:read", "agents:read"]
    keeper = AgentFactory(name="Kim", role=role("Key keeper", permissions=rights))
    r, others = robot(keeper, admin_functions=True), robot(root)
    made = r.post("/keys", new(keeper, scopes=["tickets:read"])).json()["data"]["id"]
    assert {row["id"] for row in r.get("/keys").json()["data"]} == {r.key.pk, made}
    for path in (f"/keys/{others.key.pk}", f"/keys/{others.key.pk}/requests"):
        assert r.get(path).status_code == 404
    for answer in (r.post(f"/keys/{others.key.pk}/revoke"), r.patch(f"/keys/{others.key.pk}", {"name": "X"})):
        assert answer.status_code == 404
    assert r.post("/keys", new(root, scopes=["tickets:read"])).json()["error"]["decided_by"] == "widening"
    assert r.post("/keys", new(keeper, kind="superuser")).json()["error"]["decided_by"] == "widening"
    assert r.delete(f"/keys/{made}").json()["error"]["missing_permission"] == "keys:delete"


def test_a_service_agents_new_key_is_answered_for_by_the_owner_of_the_key_that_asked(root: Agent) -> None:
    service = AgentFactory(name="Provisioning", role=role("Administrator"), kind="service")
    r = robot(service, owner=root, admin_functions=True)
    assert r.post("/keys", new(service, scopes=["tickets:read"])).json()["data"]["owner"] == root.pk


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"agent": None}, "agent"),
        ({"agent": 999_999}, "agent"),
        ({"kind": "god"}, "kind"),
        ({"access_level": "custom"}, "scopes"),
        ({"access_level": "full", "scopes": ["tickets:read"]}, "scopes"),
        ({"scopes": ["tickets:fly"]}, "scopes"),
        ({"addresses": ["10.0.0.1/8"]}, "addresses"),
        ({"tags": ["Robert'); DROP"]}, "tags"),
        ({"rate_limit": 0}, "rate_limit"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"digest": "x"}, "digest"),
        ({"secret": "hdk_mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_said_of_the_field(
    fields: dict[str, Any], field: str, desk: Robot, alice: Agent
) -> None:
    answer = desk.post("/keys", new(alice) | fields)
    assert answer.status_code == 422, answer.content
    assert [*answer.json()["error"]["fields"]] == [field]
    assert ApiKey.objects.count() == 1


def test_leaving_custom_access_forgets_the_scopes(desk: Robot, alice: Agent) -> None:
    made = desk.post("/keys", new(alice, scopes=["tickets:read"])).json()["data"]["id"]
    full = desk.patch(f"/keys/{made}", {"access_level": "full"}).json()["data"]
    assert (full["scopes"], full["granted_scopes"]) == ([], ["*:read", "*:write", "*:delete"])


def test_filters_find_what_they_say(desk: Robot, root: Agent, alice: Agent, support: Team) -> None:
    made = {
        "live": robot(alice),
        "expired": robot(alice, expires_at=timezone.now() - timedelta(days=1)),
        "suspended": robot(alice),
        "revoked": robot(alice),
    }
    lonely = robot(None, owner=root, kind="superuser", name="Lonely")
    ApiKey.objects.filter(pk=made["suspended"].key.pk).update(suspended_at=timezone.now())
    desk.post(f"/keys/{made['revoked'].key.pk}/revoke")
    for state, r in made.items():
        found = desk.get(f"/keys?state={state}&agent={alice.pk}").json()["data"]
        assert [(row["id"], row["state"]) for row in found] == [(r.key.pk, state)]
    for query in ("kind=superuser", "agent=none", "name=LONELY", f"owner={root.pk}&ids={lonely.key.pk}"):
        assert [row["id"] for row in desk.get(f"/keys?{query}").json()["data"]] == [lonely.key.pk], query
    for query in ("state=asleep", "owner=x", "updated_since=2020-01-01T00:00:00Z", "secret=hdk_x"):
        assert desk.get(f"/keys?{query}").status_code == 400, query


def test_the_number_of_queries_does_not_grow_with_keys(desk: Robot, alice: Agent) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            linked = desk.get("/keys?per_page=100&include=agent,owner,created_by").json()["linked"]
        assert str(alice.pk) in linked["agent"]
        return len(captured)

    robot(alice)
    with_one = queries()
    for _ in range(10):
        robot(alice)
    assert queries() == with_one
