"""A shipping program's story: its key is for orders and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from orders.models import Order
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, reason, robot
from tests.servers import StartServer

SHOP = {"contact": {"email": "carol@customer.example", "name": "Carol"}, "total": "49.90", "currency": "EUR"}
PARCEL = {"carrier": "Parcel Post", "number": "TR123", "url": "https://parcels.example/TR123"}


@pytest.mark.django_db
def test_alice_sees_on_the_ticket_what_the_shipping_program_knows(
    shipper: Robot, alice: Agent, carol: Contact
) -> None:
    case = ticket("Where is my lamp?", contact=carol)
    taken_in = shipper.put("/orders/external/1042", SHOP)
    assert taken_in.status_code == 201, taken_in.content
    number = taken_in.json()["data"]["id"]
    assert taken_in.headers["Location"].endswith(f"/api/v1/orders/{number}")

    shipped = shipper.put("/orders/external/1042", {"status": "shipped", "tracking": [PARCEL]})
    assert shipped.status_code == 200
    assert shipped.json()["data"]["total"] == "49.90"

    page = sign_in(alice).get(f"/tickets/{case.pk}/")
    assert f'hx-get="/tickets/{case.pk}/orders/"' in page.content.decode()
    beside = sign_in(alice).get(f"/tickets/{case.pk}/orders/").content.decode()
    for word in ("1042", "Shipped", "49.90 EUR", "TR123", 'href="https://parcels.example/TR123"'):
        assert word in beside

    refused = shipper.get("/tickets")
    assert refused.status_code == 403
    error = refused.json()["error"]
    assert (error["reason"], error["required_scopes"]) == ("insufficient_scope", ["tickets:read"])
    assert error["message"] == "This key lacks the scope tickets:read."
    assert error["granted_scopes"] == ["orders:read", "orders:write", "orders:delete"]
    for path in ("/contacts", f"/contacts/{carol.pk}", f"/tickets/{case.pk}/messages", "/order_notes"):
        assert shipper.get(path).status_code == 403


@pytest.mark.django_db
def test_the_program_attaches_the_order_to_the_ticket_it_is_about(
    shipper: Robot, alice: Agent, carol: Contact
) -> None:
    case = ticket(contact=carol, external_id="shop-7")
    answer = shipper.put("/orders/external/1042", {"ticket": "shop-7"})
    assert answer.json()["data"]["ticket"] == case.pk
    assert shipper.get(f"/orders?ticket={case.pk}").json()["data"][0]["external_id"] == "1042"


@pytest.mark.django_db
def test_one_who_buys_becomes_a_contact(shipper: Robot) -> None:
    answer = shipper.put("/orders/external/1042", {"contact": {"email": "New@buyer.example", "name": "Nina"}})
    nina = Contact.objects.get(emails__address="new@buyer.example")
    assert (answer.json()["data"]["contact"], nina.name) == (nina.pk, "Nina")
    assert Event.objects.filter(type="contact.created", key_name="Shipping").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["1042", "A/10%2342", "Ж-7", "{external_id}", "10 42"])
def test_any_number_can_stand_in_the_address(number: str, shipper: Robot) -> None:
    first = shipper.put(f"/orders/external/{number}?marketplace=Market", {"status": "paid"})
    assert first.status_code == 201, first.content
    assert first.json()["data"]["external_id"] == number.replace("%23", "#")
    assert first.json()["data"]["marketplace"] == "market"
    again = shipper.get(f"/orders/external/{number}?marketplace=market&include=contact")
    assert again.json()["data"] == first.json()["data"]
    assert shipper.get(f"/orders/external/{number}").status_code == 404


@pytest.mark.django_db
def test_an_address_that_names_no_order_is_refused(shipper: Robot) -> None:
    for path, status in (
        (f"/orders/external/{'x' * 201}", 422),
        ("/orders/external/a%00b", 422),
        ("/orders/external/%20", 422),
        ("/orders/external/1?marketplace=" + "x" * 61, 422),
        ("/orders/external/1?market=x", 400),
    ):
        assert shipper.put(path, {}).status_code == status, path
    assert reason(shipper.put("/orders/external/1", {"external_id": "2"})) == "invalid"
    assert reason(shipper.put("/orders/external/1", {"marketplace": "bazaar"})) == "invalid"
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_a_key_that_may_not_take_orders_in_cannot_by_upsert_either(shipping: Agent, root: Agent) -> None:
    r = robot(shipping, owner=root, tags=["*", "-orders.create", "-orders.track"])
    assert r.put("/orders/external/1042", {}).json()["error"]["decided_by"] == "tag"
    assert Order.objects.count() == 0
    assert robot(root).put("/orders/external/1042", {}).status_code == 201
    assert r.put("/orders/external/1042", {"status": "paid"}).status_code == 200
    assert r.put("/orders/external/1042", {"tracking": [PARCEL]}).json()["error"]["decided_by"] == "tag"


@pytest.mark.django_db
def test_a_key_for_writing_alone_writes_without_reading(shipping: Agent, root: Agent) -> None:
    r = robot(shipping, owner=root, access_level="custom", scopes=["orders:write"])
    assert r.put("/orders/external/1042", SHOP).status_code == 201
    assert r.put("/orders/external/1042", {"status": "paid"}).json()["data"]["status"] == "paid"
    assert r.get("/orders/external/1042").json()["error"]["required_scopes"] == ["orders:read"]


@pytest.mark.django_db
def test_a_role_for_orders_alone_works_alone(root: Agent, carol: Contact) -> None:
    warehouse = role("Warehouse", permissions=["orders:read", "orders:write"])
    r = robot(AgentFactory(name="Warehouse", role=warehouse, kind="service"), owner=root)
    case = ticket(contact=carol)
    taken_in = robot(root).put("/orders/external/1042", SHOP | {"ticket": case.pk})
    number = taken_in.json()["data"]["id"]
    seen = r.patch(f"/orders/{number}", {"status": "shipped"}).json()["data"]
    assert (seen["status"], seen["ticket"]) == ("shipped", None)
    assert r.put("/orders/external/1043", {"contact": "new@buyer.example"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_the_order_in_and_the_others_change_it(
    shipping: Agent, root: Agent, start_server: StartServer
) -> None:
    machine = robot(shipping, owner=root, rate_limit=1000)
    server = start_server(processes=2)
    with machine.over_http(server.url) as client, ThreadPoolExecutor(12) as pool:
        bodies = [SHOP | {"tracking": [PARCEL | {"number": f"TR{n}"}]} for n in range(12)]
        answers = list(pool.map(lambda body: client.put("/orders/external/1042", json=body), bodies))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert Order.objects.get().version == 12
    assert Event.objects.filter(type="order.created").count() == 1
    assert Event.objects.filter(type="order.tracked").count() == 11
    assert Contact.objects.filter(emails__address="carol@customer.example").count() == 1


@pytest.mark.django_db
def test_in_the_log_of_the_key_stands_where_it_went(shipper: Robot, support: Team) -> None:
    shipper.put("/orders/external/1042", {})
    told = shipper.get("/me/requests").json()["data"][0]
    assert (told["method"], told["status"]) == ("PUT", 201)
