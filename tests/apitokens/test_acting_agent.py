"""Whom a request acts as: the header table of the contract, line by line."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from activity.models import Event
from tests.factories import ticket
from tests.robot import ask, reason, robot

pytestmark = pytest.mark.django_db

CASES = [
    # credential, header, status, reason or source
    ("agent", None, 200, "bound"),
    ("agent", "own", 200, "bound"),
    ("agent", "other", 403, "agent_override_not_allowed"),
    ("agent", "unknown", 403, "agent_override_not_allowed"),
    ("agent", "inactive", 403, "agent_override_not_allowed"),
    ("agent", "malformed", 400, "invalid_agent_id"),
    ("default", None, 200, "default"),
    ("default", "own", 200, "header"),
    ("default", "other", 200, "header"),
    ("default", "unknown", 403, "agent_unavailable"),
    ("default", "inactive", 403, "agent_unavailable"),
    ("default", "malformed", 400, "invalid_agent_id"),
    ("free", None, 200, "none"),
    ("free", "other", 200, "header"),
    ("free", "unknown", 403, "agent_unavailable"),
    ("free", "inactive", 403, "agent_unavailable"),
    ("free", "malformed", 400, "invalid_agent_id"),
]


@pytest.mark.parametrize("spelling", ["X-Agent-ID", "X-DeskPRO-Agent-ID"])
@pytest.mark.parametrize(("credential", "header", "status", "outcome"), CASES)
def test_the_header_table(
    credential: str,
    header: str | None,
    status: int,
    outcome: str,
    spelling: str,
    alice: Agent,
    bob: Agent,
    root: Agent,
) -> None:
    gone = root
    Agent.objects.filter(pk=gone.pk).update(is_active=False)
    r = {
        "agent": lambda: robot(alice),
        "default": lambda: robot(alice, kind="superuser"),
        "free": lambda: robot(None, kind="superuser", owner=alice),
    }[credential]()
    values = {"own": alice.pk, "other": bob.pk, "unknown": 10**9, "inactive": gone.pk, "malformed": "4 or so"}
    answer = r.get("/me", **({spelling: str(values[header])} if header else {}))
    assert answer.status_code == status, answer.content
    if status == 200:
        assert answer.json()["data"]["acting"]["source"] == outcome
    else:
        assert reason(answer) == outcome


def test_a_superuser_key_without_an_agent_is_told_to_name_one(alice: Agent) -> None:
    r = robot(None, kind="superuser", owner=alice)
    assert r.get("/").status_code == 200
    assert r.get("/me/requests").status_code == 200
    me = r.get("/me").json()["data"]
    assert (me["person"], me["person_id"], me["acting"]["source"]) == (None, None, "none")
    answer = r.get("/tickets")
    assert (answer.status_code, reason(answer)) == (400, "agent_required")


def test_two_spellings_must_agree(alice: Agent, bob: Agent) -> None:
    r = robot(alice, kind="superuser")
    same = {"X-Agent-ID": str(bob.pk), "X-DeskPRO-Agent-ID": str(bob.pk)}
    assert r.get("/me", **same).json()["data"]["person_id"] == bob.pk
    answer = r.get("/me", **(same | {"X-Agent-ID": str(alice.pk)}))
    assert (answer.status_code, reason(answer)) == (400, "invalid_agent_id")


def test_a_disabled_default_agent_stops_only_requests_that_need_it(alice: Agent, bob: Agent) -> None:
    r = robot(alice, kind="superuser")
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    answer = r.get("/me")
    assert (answer.status_code, reason(answer)) == (401, "agent_disabled")
    assert r.acting_as(bob).get("/me").status_code == 200


def test_history_keeps_the_agent_and_the_key(alice: Agent, bob: Agent) -> None:
    case = ticket()
    r = robot(None, kind="superuser", owner=bob, name="CRM sync").acting_as(alice)
    answer = r.post(f"/tickets/{case.pk}/reply", {"body": "On its way."})
    assert answer.json()["data"]["author"] == {"type": "agent", "id": alice.pk, "name": "Alice"}
    assert answer.json()["data"]["via"] == {"door": "api", "key": {"id": r.key.pk, "name": "CRM sync"}}
    event = Event.objects.about(case).get(type="ticket.replied")
    assert (event.agent, event.key_id, event.key_name) == (alice, r.key.pk, "CRM sync")
    assert event.request_id == answer.headers["X-Request-ID"]


def test_a_superuser_key_is_bound_by_the_reach_of_the_agent_it_names(alice: Agent, bob: Agent) -> None:
    case = ticket()
    r = robot(None, kind="superuser", owner=alice)
    assert r.acting_as(alice).get(f"/tickets/{case.pk}").status_code == 200
    assert r.acting_as(bob).get(f"/tickets/{case.pk}").status_code == 404


def test_discover_needs_no_credential() -> None:
    answer = ask("get", "/helpdesk/discover")
    assert answer.status_code == 200
    assert answer.json()["data"]["is_helpdesk"] is True
