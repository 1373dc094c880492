"""The orders beside a ticket in the workspace."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.models import Order
from tests.cast import PASSWORD, sign_in
from tests.factories import ticket
from tests.servers import StartServer


@pytest.mark.django_db
def test_the_tickets_own_order_stands_open_before_the_contacts_others(alice: Agent, carol: Contact) -> None:
    case, other = ticket(contact=carol), ticket(contact=carol)
    actions.create(external_id="canary-own", ticket=case, actor=system_actor())
    actions.create(external_id="canary-elsewhere", contact=carol, ticket=other, actor=system_actor())
    actions.create(external_id="canary-loose", contact=carol, actor=system_actor())
    page = sign_in(alice).get(f"/tickets/{case.pk}/orders/").content.decode()
    places = [page.index(f"canary-{which}") for which in ("own", "loose", "elsewhere")]
    assert places == sorted(places)
    assert page.count("<details open>") == 1
    assert f"On ticket #{other.pk}" in page


@pytest.mark.django_db
def test_without_orders_there_is_nothing(alice: Agent) -> None:
    answer = sign_in(alice).get(f"/tickets/{ticket().pk}/orders/")
    assert (answer.status_code, answer.content.strip()) == (200, b"")


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_orders(alice: Agent, carol: Contact) -> None:
    case, client = ticket(contact=carol), sign_in(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/tickets/{case.pk}/orders/")
        return len(captured)

    def take_in(number: int) -> None:
        order = actions.create(external_id=str(number), contact=carol, actor=system_actor())
        actions.note(order, text="Fragile", actor=system_actor())

    take_in(0)
    with_one = queries()
    for number in range(1, 9):
        take_in(number)
    assert queries() == with_one


@pytest.mark.django_db
def test_alice_says_which_order_the_ticket_is_about_without_scripts(alice: Agent, carol: Contact) -> None:
    case = ticket(contact=carol)
    order = actions.create(external_id="1042", contact=carol, actor=system_actor())
    url, client = f"/tickets/{case.pk}/orders/{order.pk}/", sign_in(alice)
    assert client.post(url)["Location"] == f"/tickets/{case.pk}/"
    assert Order.objects.get().ticket == case
    client.post(url, {"detach": "1"})
    assert Order.objects.get().ticket is None
    assert [event.door for event in Event.objects.filter(type="order.attached")] == ["web", "web"]


@pytest.mark.django_db(transaction=True)
def test_alice_sees_the_order_and_attaches_it_in_a_browser(
    page: Page, start_server: StartServer, alice: Agent, carol: Contact
) -> None:
    case = ticket(contact=carol)
    actions.create(external_id="1042", contact=carol, actor=system_actor())
    url = start_server().url
    page.goto(f"{url}/tickets/{case.pk}/")
    page.locator("input[type=email]").fill(alice.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    orders = page.get_by_role("region", name="Orders")
    orders.get_by_text("1042").click()
    orders.get_by_role("button", name="This ticket is about it").click()
    expect(orders.get_by_role("button", name="Not about this order")).to_be_visible()
    assert Order.objects.get().ticket == case
    # A change elsewhere on the page leaves what was loaded where it is.
    page.keyboard.press("p")
    page.get_by_role("button", name="Urgent").click()
    expect(page.locator(".priority[data-priority='4']").first).to_be_visible()
    expect(orders.get_by_text("1042")).to_be_visible()
