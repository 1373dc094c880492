"""Orders in the admin: found by number, corrected through the same verbs."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.models import Order
from tests.cast import sign_in
from tests.factories import AgentFactory, ContactFactory, role, ticket

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"


@pytest.fixture
def order(carol: Contact) -> Order:
    return actions.create(
        external_id="1042",
        contact=carol,
        currency="EUR",
        total="49.90",
        lines=[{"sku": "L", "name": "<b>Lamp</b>", "quantity": 2, "price": "24.95"}],
        tracking=[{"carrier": "Post", "number": "TR1", "url": "https://p.example/1", "shipped_at": None}],
        actor=system_actor(),
    )


def form(**changes: Any) -> dict[str, Any]:
    return {
        "external_id": "1042", "marketplace": "", "status": "placed", "total": "49.90", "currency": "EUR",
        "placed_at": "2026-11-22 09:00", "contact": "", "ticket": "",
    } | changes  # fmt: skip


def test_root_finds_an_order_by_its_number(root: Agent, order: Order) -> None:
    actions.note(order, text="Fragile & blue", actor=system_actor())
    client = sign_in(root)
    assert "49.90 EUR" in client.get(f"{LIST}?q=1042").content.decode()
    assert "1042" not in client.get(f"{LIST}?q=104").content.decode().partition("<tbody")[2]
    page = client.get(f"{LIST}{order.pk}/change/").content.decode()
    for word in (
        "2 × &lt;b&gt;Lamp&lt;/b&gt;",
        "https://p.example/1",
        "Fragile &amp; blue",
        f"#{order.contact_id}",
    ):
        assert word in page
    assert client.get(f"{LIST}{order.pk}/history/").status_code == 200


def test_root_corrects_an_order(root: Agent, order: Order, carol: Contact) -> None:
    case = ticket(contact=carol)
    sent = form(status="shipped", contact="Carol", ticket=f"#{case.pk}")
    answer = sign_in(root).post(f"{LIST}{order.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    order.refresh_from_db()
    assert (order.status, order.ticket, order.contact) == ("shipped", case, carol)
    assert order.lines[0]["quantity"] == 2
    event = Event.objects.get(type="order.shipped")
    assert (event.door, event.agent) == ("admin", root)


def test_root_takes_an_order_in_by_hand(root: Agent, carol: Contact) -> None:
    answer = sign_in(root).post(f"{LIST}add/", form(external_id="7", contact=f"#{carol.pk}"))
    assert answer.status_code == 302
    assert (Order.objects.get().contact, Event.objects.get(type="order.created").door) == (carol, "admin")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("currency", "XYZ", "There is no currency"),
        ("currency", "", "Say which currency the total is in"),
        ("ticket", "#999999", "There is no ticket"),
        ("contact", "Nobody", "There is no “Nobody”"),
        ("external_id", "7", "There is such an order in this marketplace already"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(
    field: str, value: str, sentence: str, root: Agent, order: Order
) -> None:
    actions.create(external_id="7", actor=system_actor())
    answer = sign_in(root).post(f"{LIST}{order.pk}/change/", form(**{field: value}))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_root_deletes_an_order_through_the_verb(root: Agent, order: Order) -> None:
    sign_in(root).post(f"{LIST}{order.pk}/delete/", {"post": "yes"})
    assert not Order.objects.exists()
    assert Event.objects.filter(type="order.deleted", door="admin").exists()


def test_bob_sees_what_he_sees_elsewhere_and_leaves_the_rest_untouched(
    order: Order, billing: Team, support: Team
) -> None:
    rights = ["tickets:read", "orders:read", "orders:write"]
    clerk = role("Clerk", permissions=rights, reach="teams", enters_admin=True)
    bob = AgentFactory(name="Bob", role=clerk, teams=[billing])
    client = sign_in(bob)
    assert client.get(f"{LIST}{order.pk}/change/").status_code in {302, 404}
    assert "1042" not in client.get(LIST).content.decode()
    own = ticket(team=billing, contact=ContactFactory(name="Canaryname"))
    actions.update(order, ticket=own, actor=system_actor())
    page = client.get(f"{LIST}{order.pk}/change/").content.decode()
    assert f"#{own.pk}" in page
    assert "Carol" not in page, "He may not read contacts."
    sent = form(status="paid", ticket=f"#{own.pk}")
    del sent["contact"]
    assert client.post(f"{LIST}{order.pk}/change/", sent).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.contact is not None) == ("paid", True)


def test_who_may_only_look_changes_nothing(order: Order) -> None:
    watcher = AgentFactory(
        name="Watcher",
        role=role("Watcher", permissions=["orders:read", "contacts:read", "tickets:read"], enters_admin=True),
    )
    client = sign_in(watcher)
    assert "Carol" in client.get(f"{LIST}{order.pk}/change/").content.decode()
    assert client.post(f"{LIST}{order.pk}/change/", form(status="paid")).status_code == 403
    assert client.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
