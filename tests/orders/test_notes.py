"""Notes on orders: written by agents and programs, never seen by customers."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.models import Order
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(db: None) -> Order:
    return actions.create(external_id="1042", actor=system_actor())


def test_a_note_tells_who_wrote_it_and_how(order: Order, alice: Agent) -> None:
    r = robot(alice)
    answer = r.post(f"/orders/{order.pk}/notes", {"text": " The second lamp follows. "})
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["text"], data["order"], data["author"]) == ("The second lamp follows.", order.pk, alice.pk)
    assert data["via"] == {"door": "api", "key": {"id": r.key.pk, "name": "Robot"}}
    assert answer.headers["Location"].endswith(f"/api/v1/order_notes/{data['id']}")
    assert (
        r.get(f"/orders/{order.pk}/notes?include=author").json()["linked"]["agent"][str(alice.pk)]["name"]
        == "Alice"
    )
    assert r.get(f"/order_notes?order={order.pk}").json()["data"] == [data]
    event = Event.objects.get(type="order.noted")
    assert (event.subject_id, event.facts["note"]) == (order.pk, data["id"])
    assert "lamp" not in str(event.facts)


def test_notes_need_a_scope_of_their_own(order: Order, alice: Agent, shipper: Robot) -> None:
    robot(alice).post(f"/orders/{order.pk}/notes", {"text": "canarynote"})
    for answer in (
        shipper.get(f"/orders/{order.pk}/notes"),
        shipper.post(f"/orders/{order.pk}/notes", {"text": "Hi"}),
        shipper.get("/order_notes"),
    ):
        assert reason(answer) == "insufficient_scope"
    assert "canarynote" not in shipper.get(f"/orders/{order.pk}").content.decode()
    only_notes = robot(alice, access_level="custom", scopes=["order_notes:read", "order_notes:write"])
    assert only_notes.post(f"/orders/{order.pk}/notes", {"text": "Fragile"}).status_code == 201
    assert len(only_notes.get(f"/orders/{order.pk}/notes").json()["data"]) == 2
    assert only_notes.get(f"/orders/{order.pk}").json()["error"]["required_scopes"] == ["orders:read"]


def test_only_its_author_words_a_note_anew(order: Order, alice: Agent, root: Agent) -> None:
    r = robot(alice)
    number = r.post(f"/orders/{order.pk}/notes", {"text": "On Tuesday"}).json()["data"]["id"]
    assert (
        r.patch(f"/order_notes/{number}", {"text": "On Wednesday"}).json()["data"]["text"] == "On Wednesday"
    )
    assert r.patch(f"/order_notes/{number}", {"text": " "}).status_code == 422
    refused = robot(root).patch(f"/order_notes/{number}", {"text": "Never"})
    assert (refused.status_code, refused.json()["error"]["decided_by"]) == (403, "author")
    assert reason(r.delete(f"/order_notes/{number}")) == "agent_permission"
    assert robot(root).delete(f"/order_notes/{number}").status_code == 204
    assert r.get(f"/order_notes/{number}").status_code == 404
    told = Event.objects.filter(subject_type="order").order_by("id").values_list("type", flat=True)
    assert list(told) == ["order.created", "order.noted", "order.note_edited", "order.note_deleted"]
