"""A key gets a new secret without an outage: for a while the old one works beside it, and can be watched."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import Refused
from accounts.models import Agent
from activity.actor import Door, system_actor
from activity.models import Event
from apitokens.actions import end_rotation, revoke, rotate
from apitokens.models import ApiKey, LoggedRequest
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import AgentFactory, role
from tests.robot import Robot, ask, reason, robot

pytestmark = pytest.mark.django_db

LIST = "/admin/apitokens/apikey/"


@pytest.fixture
def desk(root: Agent) -> Robot:
    """Root's own key, with full access and admin functions."""
    return robot(root, name="Key desk", admin_functions=True)


def turned(r: Robot, *, hours: float = 24) -> Robot:
    """The robot with its new secret; `r` still holds the old one."""
    until = timezone.now() + timedelta(hours=hours)
    return Robot(r.key, rotate(r.key, until=until, actor=system_actor(door=Door.COMMAND)))


def test_both_secrets_work_in_both_spellings_until_the_old_one_is_ended(desk: Robot, alice: Agent) -> None:
    old = robot(alice)
    answer = desk.post(f"/keys/{old.key.pk}/rotate", {"hours": 2})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    data = answer.json()["data"]
    new = Robot(old.key, data["secret"])
    for r in (old, new):
        for header in (r.bearer, r.code):
            with CaptureQueriesContext(connection) as captured:
                assert ask("get", "/me", headers=header).status_code == 200
            assert len(captured) == 3, "A rotated key costs what any other does."
    assert data["previous_secret"]["ends_with"] == old.secret[-4:]
    told = [row["secret"] for row in new.get("/me/requests").json()["data"]]
    assert told == ["current", "current", "previous", "previous"]

    ended = desk.post(f"/keys/{old.key.pk}/rotate/end").json()["data"]
    assert ended["previous_secret"] is None
    assert reason(old.get("/me")) == "invalid_token"
    assert new.get("/me").status_code == 200
    assert desk.post(f"/keys/{old.key.pk}/rotate/end").status_code == 200, "Doing it again is no mistake."
    kinds = Event.objects.about(old.key).order_by("id").values_list("type", flat=True)
    assert list(kinds) == ["key.created", "key.rotated", "key.rotation_ended"]
    for secret in (old.secret, new.secret):
        assert tables_holding(secret) == []


def test_the_old_secret_ends_by_itself_like_one_that_never_was(alice: Agent) -> None:
    old = robot(alice)
    new = turned(old)
    ApiKey.objects.update(previous_until=timezone.now())
    never = ask("get", "/me", headers={"Authorization": "Bearer hdk_" + "0" * 38})
    late = old.get("/me")
    ids = r'"request_id": ?"[^"]+"'
    assert re.sub(ids, "", late.content.decode()) == re.sub(ids, "", never.content.decode())
    assert new.get("/me").status_code == 200
    assert LoggedRequest.objects.filter(key=old.key).count() == 1, "A wrong secret is in nobody's log."
    assert turned(new).get("/me").status_code == 200, "The key can be rotated again."


@pytest.mark.parametrize("kill", ["regenerate", "revoke"])
def test_what_kills_a_key_kills_both_secrets(desk: Robot, alice: Agent, kill: str) -> None:
    old = robot(alice)
    new = turned(old)
    assert desk.post(f"/keys/{old.key.pk}/{kill}").status_code == 200
    assert [r.get("/me").status_code for r in (old, new)] == [401, 401]
    assert desk.post(f"/keys/{old.key.pk}/rotate/end").status_code == 200


def test_only_a_working_key_with_one_secret_is_rotated_and_for_at_most_a_week(
    desk: Robot, alice: Agent
) -> None:
    now = timezone.now()
    states: dict[str, dict[str, Any]] = {
        "a revoked key": {"revoked_at": now},
        "a suspended key": {"suspended_at": now},
        "an expired key": {"expires_at": now},
    }
    for what, fields in states.items():
        r = robot(alice)
        ApiKey.objects.filter(pk=r.key.pk).update(**fields)
        assert desk.post(f"/keys/{r.key.pk}/rotate").status_code == 422, what
        assert r.get("/me").status_code == 401, what
    r = robot(alice)
    for hours in (0, 169, "x"):
        assert desk.post(f"/keys/{r.key.pk}/rotate", {"hours": hours}).status_code == 422
    turned(r)
    twice = desk.post(f"/keys/{r.key.pk}/rotate")
    assert (twice.json()["error"]["fields"], len(twice.json()["error"]["errors"])) == ({}, 1)
    assert "is accepted until" in twice.json()["error"]["message"] + str(twice.json()["error"])
    assert r.get("/me").status_code == 200, "A refused rotation ends nothing."
    for until in (now - timedelta(1), now + timedelta(days=8)):
        with pytest.raises(Refused):
            rotate(robot(alice).key, until=until, actor=system_actor())


def test_a_key_rotates_nothing_that_may_more_than_itself(root: Agent, alice: Agent) -> None:
    narrow = robot(root, access_level="custom", scopes=["tickets:read"], admin_functions=True)
    wide = robot(alice)
    assert narrow.post(f"/keys/{wide.key.pk}/rotate").json()["error"]["decided_by"] == "widening"
    assert narrow.post(f"/keys/{wide.key.pk}/rotate", {"hours": 1}, Prefer="dry-run").status_code == 403
    rehearsed = robot(root, admin_functions=True).post(f"/keys/{wide.key.pk}/rotate", Prefer="dry-run")
    assert (rehearsed.status_code, rehearsed.json()["data"]["secret"]) == (200, None)
    assert ApiKey.objects.get(pk=wide.key.pk).previous_digest is None


def test_the_page_shows_who_still_uses_the_old_secret_and_ends_it(root: Agent, alice: Agent) -> None:
    client, old = sign_in(root), robot(alice)
    page, form = f"{LIST}{old.key.pk}/rotate/", {"overlap": "72"}
    form["form_token"] = re.findall(r'name="form_token" value="([^"]+)"', client.get(page).content.decode())[
        0
    ]
    answer = client.post(page, form)
    shown = re.search(r"hdk_[0-9A-Za-z]{38}", answer.content.decode())
    assert shown
    assert "no-store" in answer["Cache-Control"]
    again = client.post(page, form).content.decode()
    assert "hdk_" not in again
    assert "This form was sent before" in again

    old.get("/me", **{"User-Agent": "legacy-shop/1.0 <b>"})
    Robot(old.key, shown[0]).get("/me", **{"User-Agent": "new-shop/2.0"})
    overview = client.get(f"{LIST}{old.key.pk}/overview/").content.decode()
    assert "legacy-shop/1.0 &lt;b&gt;" in overview
    assert "127.0.0.1" in overview
    assert "new-shop" not in overview
    assert shown[0] not in overview
    assert client.get(f"{LIST}{old.key.pk}/end-rotation/").status_code == 405
    client.post(f"{LIST}{old.key.pk}/end-rotation/")
    assert old.get("/me").status_code == 401
    assert "refused by now" in client.get(f"{LIST}{old.key.pk}/overview/").content.decode()


def test_a_time_can_be_chosen_within_seven_days(root: Agent, alice: Agent) -> None:
    client, r = sign_in(root), robot(alice)
    page = f"{LIST}{r.key.pk}/rotate/"
    for at, sentence in (
        ("", "Choose the time."),
        ("2020-01-01T00:00", "still to come"),
        ("2099-01-01T00:00", "at most 7 more days"),
    ):
        answer = client.post(page, {"overlap": "at", "at": at, "form_token": f"token-{at}"})
        assert sentence in answer.content.decode()
    chosen = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    client.post(page, {"overlap": "at", "at": f"{chosen:%Y-%m-%dT%H:%M}", "form_token": "t"})
    assert ApiKey.objects.get().previous_until == chosen


def test_nobody_rotates_keys_that_he_may_not_change(root: Agent, alice: Agent) -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["keys:read"], enters_admin=True))
    for r in (robot(reader), robot(alice, owner=root)):
        for page in ("rotate", "end-rotation"):
            answer = sign_in(reader).post(f"{LIST}{r.key.pk}/{page}/", {"overlap": "24", "form_token": "t"})
            assert answer.status_code in {302, 403, 404}
            assert "hdk_" not in answer.content.decode()
    assert not ApiKey.objects.exclude(previous_digest=None).exists()


@pytest.mark.django_db(transaction=True)
def test_of_rotations_and_a_revocation_at_once_no_secret_outlives_the_revocation(alice: Agent) -> None:
    """And of two rotations one wins: only the secret that it showed works, beside the old one."""

    def at_once(*works: Any) -> list[Any]:
        def run(work: Any) -> Any:
            try:
                return work()
            except Refused:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(run, works))

    actor = system_actor(door=Door.COMMAND)
    soon = timezone.now() + timedelta(hours=1)
    old = robot(alice)
    shown = at_once(*[lambda: rotate(old.key, until=soon, actor=actor)] * 4)
    assert len([secret for secret in shown if secret]) == 1
    new = Robot(old.key, next(filter(None, shown)))
    assert [r.get("/me").status_code for r in (old, new)] == [200, 200]
    end_rotation(old.key, actor=actor)
    shown = at_once(lambda: rotate(old.key, until=soon, actor=actor), lambda: revoke(old.key, actor=actor))
    held = [Robot(old.key, secret) for secret in shown if isinstance(secret, str)]
    assert {r.get("/me").status_code for r in (old, new, *held)} == {401}
