"""Taking orders in, finding, changing and deleting them over the API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.models import Order
from tests.factories import ContactFactory, ticket
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db

NEW = {
    "external_id": "1001",
    "marketplace": "Market.Example",
    "status": "paid",
    "currency": "eur",
    "total": "49.9",
    "lines": [{"sku": "LAMP-1", "name": "Aurora lamp", "quantity": 2, "price": 24.95}],
    "contact": "carol@customer.example",
}


def test_an_order_is_taken_in(alice: Agent, carol: Contact) -> None:
    case, r = ticket(contact=carol), robot(alice)
    answer = r.post("/orders", NEW | {"ticket": case.pk})
    assert answer.status_code == 201, answer.content
    data = answer.json()["data"]
    assert answer.headers["Location"].endswith(f"/api/v1/orders/{data['id']}")
    assert (data["contact"], data["ticket"], data["marketplace"]) == (carol.pk, case.pk, "market.example")
    assert (data["currency"], data["total"]) == ("EUR", "49.90")
    assert data["lines"] == [{"sku": "LAMP-1", "name": "Aurora lamp", "quantity": 2, "price": "24.95"}]
    assert r.get(f"/orders/{data['id']}").json()["data"] == data


def test_other_vendors_name_for_orders_is_understood(alice: Agent) -> None:
    r = robot(alice, access_level="custom", scopes=["sales_orders:read", "sales_orders:write"])
    number = r.post("/sales_orders", NEW).json()["data"]["id"]
    assert r.get(f"/sales_orders/{number}").status_code == 200
    assert r.get("/me").json()["data"]["scopes"] == ["sales_orders:read", "sales_orders:write"]


def test_the_same_number_may_be_in_two_marketplaces_but_not_twice_in_one(alice: Agent) -> None:
    r = robot(alice)
    first = r.post("/orders", NEW).json()["data"]["id"]
    assert r.post("/orders", NEW | {"marketplace": ""}).status_code == 201
    again = r.post("/orders", NEW | {"marketplace": "MARKET.example "})
    assert (again.status_code, reason(again)) == (409, "duplicate")
    assert again.json()["error"]["existing"] == first


def test_put_and_patch_change_only_what_was_sent(alice: Agent) -> None:
    r = robot(alice)
    order = r.post("/orders", NEW).json()["data"]
    changed = r.patch(f"/orders/{order['id']}", {"status": "delivered"}).json()["data"]
    moved = {"status": "delivered", "version": 2, "updated_at": changed["updated_at"]}
    assert changed == order | moved
    assert r.put(f"/orders/{order['id']}", {"marketplace": ""}).json()["data"]["marketplace"] == ""


def test_history_says_what_happened_and_with_which_key(alice: Agent, carol: Contact) -> None:
    case, r = ticket(contact=carol), robot(alice)
    number = r.post("/orders", NEW).json()["data"]["id"]
    r.patch(f"/orders/{number}", {"status": "shipped", "ticket": case.pk, "total": "39.90"})
    r.post(f"/orders/{number}/tracking", {"number": "TR1"})
    events = Event.objects.filter(subject_type="order", subject_id=number).order_by("id")
    assert [event.type for event in events] == [
        "order.created",
        "order.shipped",
        "order.attached",
        "order.changed",
        "order.tracked",
    ]
    assert {event.key_name for event in events} == {"Robot"}
    assert events[1].changes == {"status": ["paid", "shipped"]}
    assert events[2].changes == {}, "Whoever may see the order may not therefore see its ticket."
    assert events[3].changes == {"total": ["49.90", "39.90"]}


def test_nothing_changed_means_no_event_and_no_version(alice: Agent) -> None:
    r = robot(alice)
    order = r.post("/orders", NEW).json()["data"]
    events = Event.objects.count()
    same = {
        name: order[name]
        for name in ("status", "total", "lines", "tracking", "placed_at", "contact", "ticket")
    }
    assert r.put(f"/orders/{order['id']}", same).json()["data"] == order
    assert Event.objects.count() == events


def test_a_parcel_is_told_of_once_however_often_it_is_sent(alice: Agent) -> None:
    r = robot(alice)
    number = r.post("/orders", NEW).json()["data"]["id"]
    first = {"carrier": "Post", "number": "TR1", "url": "https://post.example/TR1"}
    r.post(f"/orders/{number}/tracking", first)
    r.post(f"/orders/{number}/tracking", {"carrier": "Post", "number": "TR2"})
    answer = r.post(f"/orders/{number}/tracking", first | {"shipped_at": "2026-11-22T10:00:00+01:00"})
    assert answer.status_code == 200, answer.content
    parcels = answer.json()["data"]["tracking"]
    assert [parcel["number"] for parcel in parcels] == ["TR1", "TR2"]
    assert parcels[0]["shipped_at"] == "2026-11-22T09:00:00Z"


def test_an_order_deleted_is_gone_but_history_remembers(alice: Agent, root: Agent) -> None:
    r = robot(alice)
    number = r.post("/orders", NEW).json()["data"]["id"]
    refused = r.delete(f"/orders/{number}")
    assert (reason(refused), refused.json()["error"]["missing_permission"]) == (
        "agent_permission",
        "orders:delete",
    )
    assert robot(root).delete(f"/orders/{number}").status_code == 204
    assert r.get(f"/orders/{number}").status_code == 404
    assert Event.objects.filter(type="order.deleted", subject_id=number).exists()


def test_an_order_outlives_its_ticket(root: Agent, carol: Contact) -> None:
    case, r = ticket(contact=carol), robot(root)
    number = r.post("/orders", NEW | {"ticket": case.pk}).json()["data"]["id"]
    assert r.delete(f"/tickets/{case.pk}").status_code == 204
    assert r.get(f"/orders/{number}").json()["data"]["ticket"] is None


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"status": "paid"}, "external_id", "required"),
        (NEW | {"external_id": " "}, "external_id", "blank"),
        (NEW | {"external_id": "a\x00"}, "external_id", "null_characters_not_allowed"),
        (NEW | {"status": "lost"}, "status", "invalid_choice"),
        (NEW | {"currency": "XYZ"}, "currency", "unknown_currency"),
        (NEW | {"currency": ""}, "currency", "required"),
        (NEW | {"total": "a lot"}, "total", "invalid"),
        (NEW | {"total": -1}, "total", "min_value"),
        (NEW | {"total": "1.2345"}, "total", "max_decimal_places"),
        (NEW | {"contact": 999_999}, "contact", "does_not_exist"),
        (NEW | {"ticket": 999_999}, "ticket", "does_not_exist"),
        (NEW | {"lines": [{"quantity": 1}]}, "lines.0.name", "required"),
        (NEW | {"lines": [{"name": "Lamp", "quantity": 0}]}, "lines.0.quantity", "min_value"),
        (NEW | {"lines": [{"name": "Lamp", "colour": "red"}]}, "lines.0.colour", "unknown_field"),
        (NEW | {"lines": [{"name": "Lamp"}] * 501}, "lines", "too_many"),
        (NEW | {"tracking": [{"number": "1", "url": "javascript:alert(1)"}]}, "tracking.0.url", "invalid"),
        (NEW | {"tracking": [{"number": "1", "url": "ftp://x.example/1"}]}, "tracking.0.url", "invalid"),
        (NEW | {"tracking": [{"carrier": "Post"}]}, "tracking.0.number", "required"),
        (NEW | {"number": 5}, "number", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_field_by_field(
    body: dict[str, object], field: str, code: str, alice: Agent
) -> None:
    answer = robot(alice).post("/orders", body)
    assert answer.status_code == 422, answer.content
    assert code in [error["code"] for error in answer.json()["error"]["fields"][field]]
    assert Order.objects.count() == 0


def test_what_a_change_leaves_out_is_not_taken_for_empty(alice: Agent) -> None:
    r = robot(alice)
    number = r.post("/orders", NEW).json()["data"]["id"]
    assert r.patch(f"/orders/{number}", {"lines": [{"quantity": 3}]}).status_code == 422
    assert len(r.patch(f"/orders/{number}", {"total": None}).json()["data"]["lines"]) == 1


def test_filters_find_what_they_say(alice: Agent, carol: Contact) -> None:
    case, r = ticket(contact=carol), robot(alice)
    wanted = r.post("/orders", NEW | {"ticket": case.pk}).json()["data"]["id"]
    r.post("/orders", {"external_id": "1002"})
    for query in (
        "external_id=1001",
        "marketplace=MARKET.example",
        "status=paid",
        f"contact={carol.pk}",
        "contact=carol@customer.example",
        f"ticket={case.pk}",
        f"ids={wanted}",
    ):
        assert [row["id"] for row in r.get(f"/orders?{query}").json()["data"]] == [wanted], query
    for query in ("marketplace=", "contact=none", "ticket=none", "status=placed"):
        assert [row["external_id"] for row in r.get(f"/orders?{query}").json()["data"]] == ["1002"], query
    assert len(r.get("/orders?updated_since=2020-01-01T00:00:00Z").json()["data"]) == 2
    for query in ("status=lost", "ticket=x", "contact=x", "colour=red", "sort=total"):
        assert r.get(f"/orders?{query}").status_code == 400, query


@pytest.mark.parametrize("sort", ["id", "-placed_at", "updated_at"])
def test_pages_and_cursors_walk_over_the_same_orders(sort: str, alice: Agent) -> None:
    r = robot(alice)
    made = {r.post("/orders", {"external_id": str(n)}).json()["data"]["id"] for n in range(5)}
    paged = [
        row["id"]
        for n in (1, 2, 3)
        for row in r.get(f"/orders?page={n}&per_page=2&sort={sort}").json()["data"]
    ]
    walked: list[int] = []
    cursor = ""
    while cursor is not None:
        answer = r.get(f"/orders?cursor={cursor}&per_page=2&sort={sort}").json()
        walked += [row["id"] for row in answer["data"]]
        cursor = answer["meta"]["cursor"]["next"]
    assert walked == paged
    assert set(walked) == made


@pytest.mark.parametrize(
    "path",
    [
        "/orders?per_page=100",
        "/orders?per_page=100&include=contact,ticket",
        "/order_notes?per_page=100&include=author",
    ],
)
def test_the_number_of_queries_does_not_grow_with_rows(path: str, bob: Agent, billing: Team) -> None:
    r = robot(bob)

    def take_in(number: int) -> None:
        case = ticket(team=billing)
        order = actions.create(
            external_id=str(number), contact=ContactFactory(), ticket=case, actor=system_actor()
        )
        actions.note(order, text="Fragile.", actor=system_actor())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert r.get(path).status_code == 200
        return len(captured)

    take_in(0)
    with_one = queries()
    for number in range(1, 20):
        take_in(number)
    assert queries() == with_one


def test_what_is_included_needs_its_own_scope(alice: Agent, carol: Contact, shipper: Robot) -> None:
    case = ticket("Canarysubject", contact=carol)
    robot(alice).post("/orders", NEW | {"ticket": case.pk})
    linked = robot(alice).get("/orders?include=contact,ticket").json()["linked"]
    assert linked["contact"][str(carol.pk)]["name"] == "Carol"
    assert linked["ticket"][str(case.pk)]["subject"] == "Canarysubject"
    answer = shipper.get("/orders?include=contact,ticket").json()
    assert answer["linked"] == {"contact": {}, "ticket": {}}
    assert answer["data"][0]["ticket"] == case.pk


def test_two_edits_of_different_fields_both_land_and_of_the_same_field_one(alice: Agent) -> None:
    r = robot(alice)
    number = r.post("/orders", NEW).json()["data"]["id"]
    assert r.patch(f"/orders/{number}", {"status": "shipped", "version": 1}).status_code == 200
    assert r.patch(f"/orders/{number}", {"total": "10"}, **{"If-Match": '"1"'}).status_code == 200
    answer = r.patch(f"/orders/{number}", {"status": "cancelled", "version": 1})
    assert (answer.status_code, reason(answer)) == (409, "stale_version")
    assert "shipped" in answer.content.decode()
    assert r.get(f"/orders/{number}").json()["data"]["status"] == "shipped"


def test_a_rehearsal_takes_nothing_in(alice: Agent) -> None:
    answer = robot(alice).put("/orders/external/1001", {"status": "paid"}, Prefer="dry-run")
    assert answer.status_code == 200, answer.content
    assert Order.objects.count() == 0
