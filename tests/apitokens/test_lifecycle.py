"""Regenerating and revoking act on the next request of every process."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from activity.actor import system_actor
from apitokens.actions import regenerate, revoke
from tests.robot import Robot, robot
from tests.servers import StartServer


@pytest.mark.django_db(transaction=True)
def test_other_processes_refuse_the_old_secret_at_once(alice: Agent, start_server: StartServer) -> None:
    r = robot(alice)
    first, second = start_server(), start_server(of_its_own=True)
    assert [_status(r, server.url) for server in (first, second, first, second)] == [200] * 4
    fresh = Robot(r.key, regenerate(r.key, actor=system_actor()))
    assert [_status(r, server.url) for server in (first, second)] == [401, 401]
    assert [_status(fresh, server.url) for server in (first, second)] == [200, 200]
    revoke(r.key, actor=system_actor())
    assert [_status(fresh, server.url) for server in (first, second)] == [401, 401]


def _status(r: Robot, url: str) -> int:
    with r.over_http(url) as client:
        return client.get("/me").status_code
