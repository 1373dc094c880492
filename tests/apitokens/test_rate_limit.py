"""Exactly the limit passes, over all processes, and every answer says how much is left."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import Agent, HelpdeskSettings
from tests.clock import wait_for_room_in_the_minute
from tests.robot import reason, robot
from tests.servers import StartServer


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_at_once_exactly_the_limit_passes(alice: Agent, start_server: StartServer) -> None:
    HelpdeskSettings.objects.update(plan="standard")
    r = robot(alice)
    server, answers = start_server(processes=2), Counter[tuple[str, int]]()
    with ThreadPoolExecutor(16) as pool, r.over_http(server.url) as client:

        def ask(_n: int) -> tuple[str, int]:
            answer = client.get("/me")
            return answer.headers["X-RateLimit-Reset"], answer.status_code

        full = set[str]()
        while not full:  # If the minute ends in between, the hundred fill neither of the two.
            answers.update(pool.map(ask, range(100)))
            full = {minute for minute, status in answers if status == 429}
    assert {answers[minute, 200] for minute in full} == {60}
    assert {status for _minute, status in answers} == {200, 429}


@pytest.mark.django_db
def test_the_headers_count_down_and_the_refusal_says_when_to_come_back(alice: Agent) -> None:
    wait_for_room_in_the_minute(5)
    r = robot(alice, rate_limit=2)
    first, second, third = r.get("/me"), r.get("/nowhere"), r.get("/me")
    assert [first.status_code, second.status_code, third.status_code] == [200, 404, 429]
    assert [a.headers["X-RateLimit-Remaining"] for a in (first, second, third)] == ["1", "0", "0"]
    assert first.headers["RateLimit-Policy"] == '"key";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"key";r=1;t=')
    assert int(first.headers["X-RateLimit-Reset"]) % 60 == 0
    assert reason(third) == "quota_exceeded"
    assert 0 < int(third.headers["Retry-After"]) <= 60
    assert third.json()["error"]["limit"] == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plan", "rate"), [("standard", "60"), ("professional", "300"), ("enterprise", "1000")]
)
def test_the_plan_says_how_many(plan: str, rate: str, alice: Agent) -> None:
    HelpdeskSettings.objects.update(plan=plan)
    answer = robot(alice).get("/me")
    assert answer.headers["X-RateLimit-Limit"] == rate
    assert answer.headers["RateLimit-Policy"] == f'"{plan}";q={rate};w=60'
