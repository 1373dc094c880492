"""Orders belong to the conversation: they are where its messages are, also after a merge."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from orders import actions as orders
from tests.cast import sign_in
from tests.factories import ContactFactory, ticket
from tests.robot import robot
from tickets import actions

pytestmark = pytest.mark.django_db


def test_orders_of_a_merged_ticket_are_seen_where_its_messages_are(
    bob: Agent, alice: Agent, billing: Team, support: Team, carol: Contact
) -> None:
    inner = ticket("Inner", "inner words", team=support, contact=carol)
    outer = ticket("Outer", team=billing, contact=ContactFactory(name="Dora"))
    order = orders.create(external_id="1042", ticket=inner, actor=system_actor())
    bob.role.permissions = [p for p in bob.role.permissions if p != "contacts:read"]
    bob.role.save()
    his, page = robot(bob), f"/tickets/{outer.pk}/orders/"

    def seen(path: str) -> list[int]:
        return [row["id"] for row in his.get(path).json()["data"]]

    assert seen("/orders") == seen(f"/orders?ticket={outer.pk}") == []
    assert seen(f"/messages?ticket={inner.pk}") == []
    actions.merge(inner, into=outer, actor=system_actor())
    assert seen("/orders") == seen(f"/orders?ticket={outer.pk}") == [order.pk]
    assert seen(f"/orders?ticket={inner.pk}") == []
    assert len(seen(f"/messages?ticket={outer.pk}")) == 2
    assert "inner words" in his.get(f"/messages?ticket={outer.pk}&kind=reply").content.decode()
    panel = sign_in(bob).get(page).content.decode()
    assert "1042" in panel
    assert "Not about this order" in panel
    assert f"/tickets/{inner.pk}/" not in panel
    # Bob is shown the ticket that he sees. Sending it back moves nothing.
    told = his.get(f"/orders/{order.pk}?include=ticket").json()
    assert (told["data"]["ticket"], list(told["linked"]["ticket"])) == (outer.pk, [str(outer.pk)])
    assert his.patch(f"/orders/{order.pk}", {"ticket": outer.pk, "status": "paid"}).status_code == 200
    order.refresh_from_db()
    assert (order.ticket_id, order.status) == (inner.pk, "paid")
    assert [r["id"] for r in robot(alice).get(f"/orders?ticket={outer.pk}").json()["data"]] == [order.pk]
    actions.unmerge(inner, actor=system_actor())
    assert seen("/orders") == seen(f"/orders?ticket={outer.pk}") == []
    assert sign_in(bob).get(page).content.strip() == b""
