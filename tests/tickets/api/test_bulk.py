"""The same to many tickets: each by the rules of its own verb, in a transaction of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Team
from activity.models import Event
from tests.factories import AgentFactory, TagFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


def bulk(r: Robot, ids: list[int], **verbs: Any) -> Any:
    return r.post("/tickets/bulk", {"ids": ids, **verbs})


def outcomes(answer: Any) -> dict[int, str]:
    assert answer.status_code == 200, answer.content
    return {row["id"]: row["outcome"] for row in answer.json()["data"]}


def test_each_verb_does_to_many_what_it_does_to_one(her: Robot, alice: Agent, support: Team) -> None:
    late = TagFactory(name="late")
    a, b = ticket(tags=[late]), ticket()
    answer = bulk(
        her, [b.pk, a.pk, b.pk], assign="alice@desk.example", status="pending", priority="high", team="support",
        tags={"add": ["parcel"], "remove": ["late", "unknown"]},
    )  # fmt: skip
    assert list(outcomes(answer).items()) == [(b.pk, "ok"), (a.pk, "ok")]
    assert answer.json()["meta"] == {"ok": 2}
    for row in answer.json()["data"]:
        told = row["ticket"]
        assert (told["assignee"], told["status"], told["priority"], told["team"], told["tags"]) == (
            alice.pk, "pending", "high", support.pk, ["parcel"],
        )  # fmt: skip
        assert row["error"] is None
    assert not Tag.objects.filter(name="unknown").exists()
    assert outcomes(bulk(her, [a.pk], tags={"set": []})) == {a.pk: "ok"}
    assert her.get(f"/tickets/{a.pk}").json()["data"]["tags"] == []


def test_one_refusal_does_not_stop_the_others(her: Robot, alice: Agent) -> None:
    target, a, merged, b = ticket(), ticket(), ticket(), ticket()
    her.post(f"/tickets/{merged.pk}/merge", {"into": ticket().pk})
    answer = bulk(her, [a.pk, target.pk, merged.pk, 999_999, b.pk], merge=target.pk)
    assert outcomes(answer) == {
        a.pk: "ok", target.pk: "refused", merged.pk: "refused", 999_999: "not_found", b.pk: "ok",
    }  # fmt: skip
    assert answer.json()["meta"] == {"ok": 2, "refused": 2, "not_found": 1}
    rows = {row["id"]: row for row in answer.json()["data"]}
    assert rows[a.pk]["ticket"]["merged_into"] == target.pk
    assert rows[merged.pk]["error"]["reason"] == "merged"
    assert rows[target.pk]["error"]["fields"]["into"][0]["code"] == "itself"
    alone = her.get("/tickets/999999").json()["error"]
    assert {k: v for k, v in rows[999_999]["error"].items() if k != "request_id"} == {
        k: v for k, v in alone.items() if k != "request_id"
    }
    log = her.get("/me/requests").json()["data"]
    assert [(row["status"], row["error"]) for row in log if row["path"].endswith("/bulk")] == [(200, None)]


def test_what_is_refused_is_refused_as_a_whole(her: Robot, alice: Agent) -> None:
    case, program = ticket(), AgentFactory(name="Program", kind="service")
    assert outcomes(bulk(her, [case.pk], priority="urgent", assign=program.pk)) == {case.pk: "refused"}
    assert her.get(f"/tickets/{case.pk}").json()["data"]["priority"] == "normal"


def test_bob_changes_nothing_that_he_cannot_see(bob: Agent, support: Team, billing: Team) -> None:
    hidden, own = ticket(team=support), ticket(team=billing)
    answer = bulk(robot(bob), [hidden.pk, own.pk], team="Support")
    assert outcomes(answer) == {hidden.pk: "not_found", own.pk: "ok"}
    # It left his reach with it, and so he is told no more of it.
    assert [row["ticket"] for row in answer.json()["data"]] == [None, None]
    assert Event.objects.about(hidden).count() == 1


def test_an_agent_who_may_not_write_is_refused_each() -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["tickets:read"]))
    case = ticket()
    answer = bulk(robot(reader, owner=reader), [case.pk], priority="low")
    assert outcomes(answer) == {case.pk: "refused"}
    assert answer.json()["data"][0]["error"]["missing_permission"] == "tickets:write"


@pytest.mark.parametrize(
    ("verb", "value", "operation"),
    [
        ("assign", None, "tickets.assign"), ("status", "solved", "tickets.status"),
        ("priority", "low", "tickets.priority"), ("team", None, "tickets.move"), ("tags", {"set": []}, "tickets.tag"),
    ],
)  # fmt: skip
def test_a_key_needs_the_tag_of_each_verb(verb: str, value: Any, operation: str, alice: Agent) -> None:
    case = ticket()
    for tags in (["*", f"-{operation}"], ["tickets.bulk"]):
        answer = bulk(robot(alice, tags=tags), [case.pk], **{verb: value})
        assert (answer.status_code, answer.json()["error"]["operation"]) == (403, operation)
    assert outcomes(bulk(robot(alice, tags=["tickets.bulk", operation]), [case.pk], **{verb: value})) == {
        case.pk: "ok"
    }


def test_new_tags_need_the_right_to_make_tags(her: Robot) -> None:
    writer = AgentFactory(name="Writer", role=role("Writer", permissions=["tickets:read", "tickets:write"]))
    case = ticket()
    answer = bulk(robot(writer), [case.pk], tags={"add": ["brand new"]})
    assert outcomes(answer) == {case.pk: "refused"}
    assert answer.json()["data"][0]["error"]["missing_permission"] == "tags:write"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"ids": []}, {"ids": [1]}, {"ids": list(range(1, 102)), "priority": "low"}, {"ids": [0], "priority": "low"},
        {"ids": ["x"], "priority": "low"}, {"ids": [2**63], "priority": "low"}, {"ids": [1], "reply": {"body": "x"}},
        {"ids": [1], "tags": {}}, {"ids": [1], "tags": {"set": [], "add": ["a"]}}, {"ids": [1], "priority": "extreme"},
        {"ids": [1], "merge": 999_999}, {"ids": [1], "merge": 1, "priority": "low"}, {"ids": 1, "priority": "low"},
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_as_a_whole(body: dict[str, Any], her: Robot) -> None:
    answer = her.post("/tickets/bulk", body)
    assert answer.status_code == 422
    assert reason(answer) in {"invalid", "unknown_field"}


def test_the_cost_grows_with_the_tickets_and_no_faster(her: Robot, alice: Agent) -> None:
    def queries(number: int) -> int:
        ids = [ticket().pk for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            answer = bulk(her, ids, assign=alice.pk, status="pending", tags={"add": ["parcel"]})
        assert set(outcomes(answer).values()) == {"ok"}
        return len(captured)

    queries(1)
    one, ten, twenty = queries(1), queries(10), queries(20)
    assert twenty - ten == ten - one + (ten - one) // 9
    assert (ten - one) / 9 <= 45, (
        "Of three changes each, with what webhooks, clocks and triggers follow them by."
    )


def test_a_hundred_tickets_are_changed_at_once(her: Robot, alice: Agent) -> None:
    ids = [ticket().pk for _ in range(100)]
    assert set(outcomes(bulk(her, ids, assign=alice.pk)).values()) == {"ok"}
    assert her.get("/tickets?assignee=me").json()["meta"]["pagination"]["total"] == 100
