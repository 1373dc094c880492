"""Bob, of Billing, sees his own team's tickets. What else he may see of an order follows from that."""

from __future__ import annotations

import pytest

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.models import Order, OrderNote
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

RIGHTS = [
    "tickets:read", "orders:read", "orders:write", "orders:delete", "order_notes:read", "order_notes:write",
    "order_notes:delete", "events:read",
]  # fmt: skip


@pytest.fixture
def bob(billing: Team) -> Agent:
    """Billing only, and he may not read contacts."""
    return AgentFactory(name="Bob", role=role("Clerk", permissions=RIGHTS, reach="teams"), teams=[billing])


@pytest.fixture
def his(bob: Agent) -> Robot:
    return robot(bob)


@pytest.fixture
def case(support: Team, carol: Contact) -> Ticket:
    return ticket("Canarysubject", team=support, contact=carol)


@pytest.fixture
def hidden(case: Ticket, carol: Contact) -> Order:
    order = actions.create(external_id="canary-1", ticket=case, contact=carol, actor=system_actor())
    actions.note(order, text="canarynote", actor=system_actor())
    return order


def test_he_gets_404_where_he_asks_for_it(hidden: Order, his: Robot) -> None:
    note = OrderNote.objects.get()
    same = {"X-Request-ID": "same"}
    absent = his.get(f"/orders/{hidden.pk + 1000}", **same)
    for answer in (
        his.get(f"/orders/{hidden.pk}", **same),
        his.patch(f"/orders/{hidden.pk}", {"status": "paid"}, **same),
        his.patch(f"/orders/{hidden.pk}", {"nonsense": 1}, **same),
        his.delete(f"/orders/{hidden.pk}", **same),
        his.get(f"/orders/{hidden.pk}/notes", **same),
        his.post(f"/orders/{hidden.pk}/notes", {"text": "Hi"}, **same),
        his.post(f"/orders/{hidden.pk}/tracking", {"number": "1"}, **same),
        his.get("/orders/external/canary-1", **same),
        his.get(f"/order_notes/{note.pk}", **same),
        his.patch(f"/order_notes/{note.pk}", {"text": "Hi"}, **same),
        his.delete(f"/order_notes/{note.pk}", **same),
    ):
        assert (answer.status_code, answer.content) == (404, absent.content)


def test_no_list_count_link_or_event_knows_of_it(
    hidden: Order, case: Ticket, his: Robot, carol: Contact
) -> None:
    for path in (
        "/orders",
        "/orders?external_id=canary-1",
        f"/orders?ids={hidden.pk}",
        f"/orders?ticket={case.pk}",
        f"/orders?contact={carol.pk}",
        "/orders?include=contact,ticket",
        "/orders?cursor=",
        "/order_notes",
        f"/order_notes?order={hidden.pk}",
    ):
        answer = his.get(path).json()
        assert answer["data"] == [], path
        assert answer["meta"].get("pagination", {"total": 0})["total"] == 0
        assert not any(answer["linked"].values())


def test_he_cannot_take_over_a_number_or_learn_whose_it_is(hidden: Order, his: Robot) -> None:
    upsert = his.put("/orders/external/canary-1", {"status": "paid"})
    assert (upsert.status_code, upsert.json()["error"]["decided_by"]) == (403, "reach")
    mine = ticket(team=Team.objects.get(name="Billing"))
    create = his.post("/orders", {"external_id": "canary-1", "ticket": mine.pk})
    assert (create.status_code, reason(create)) == (409, "duplicate")
    assert not create.json()["error"].get("existing")
    hidden.refresh_from_db()
    assert hidden.status == "placed"


def test_he_does_not_make_what_he_could_not_see(his: Robot, case: Ticket, carol: Contact) -> None:
    for body in ({}, {"contact": "carol@customer.example"}):
        answer = his.put("/orders/external/7", body)
        assert answer.status_code == 422, body
        assert answer.json()["error"]["fields"]["contact"][0]["code"] == "out_of_reach"
    elsewhere = his.put("/orders/external/7", {"ticket": case.pk})
    assert elsewhere.json()["error"]["fields"]["ticket"][0]["code"] == "does_not_exist"
    assert Order.objects.count() == 0


def test_an_order_of_his_own_teams_ticket_is_his(his: Robot, billing: Team, carol: Contact) -> None:
    own = ticket(team=billing, contact=carol)
    number = his.put("/orders/external/7", {"ticket": own.pk}).json()["data"]["id"]
    assert his.post(f"/orders/{number}/tracking", {"number": "TR1"}).status_code == 200
    away = his.patch(f"/orders/{number}", {"ticket": None})
    assert away.json()["error"]["fields"]["contact"][0]["code"] == "out_of_reach"
    assert his.get(f"/orders/{number}").json()["data"]["ticket"] == own.pk


def test_who_may_read_contacts_sees_their_orders_but_not_the_tickets_of_others(
    hidden: Order, case: Ticket, bob: Agent, his: Robot
) -> None:
    bob.role.permissions = [*RIGHTS, "contacts:read"]
    bob.role.save()
    order = his.get(f"/orders/{hidden.pk}?include=ticket").json()
    assert (order["data"]["ticket"], order["linked"]) == (None, {"ticket": {}})
    assert his.get(f"/orders?ticket={case.pk}").json()["data"] == []
    assert [row["id"] for row in his.get("/orders?ticket=none").json()["data"]] == [hidden.pk]
    # Sending back what he sees detaches nothing; another ticket would take it from Support.
    assert his.put(f"/orders/{hidden.pk}", {"ticket": None, "status": "paid"}).status_code == 200
    own = ticket(team=Team.objects.get(name="Billing"))
    assert his.put(f"/orders/{hidden.pk}", {"ticket": own.pk}).json()["error"]["decided_by"] == "reach"
    hidden.refresh_from_db()
    assert hidden.ticket == case


def test_events_about_an_order_do_not_name_its_ticket(case: Ticket, root: Agent, carol: Contact) -> None:
    r = robot(root)
    number = r.put("/orders/external/7", {"contact": carol.pk}).json()["data"]["id"]
    r.patch(f"/orders/{number}", {"ticket": case.pk})
    told = Event.objects.filter(subject_type="order").values("changes", "facts", "subject_label")
    assert "Canarysubject" not in str(list(told))


def test_the_workspace_shows_him_no_more(
    hidden: Order, case: Ticket, bob: Agent, billing: Team, carol: Contact
) -> None:
    client = sign_in(bob)
    assert client.get(f"/tickets/{case.pk}/orders/").status_code == 404
    own = ticket(team=billing, contact=carol)
    assert client.get(f"/tickets/{own.pk}/orders/").content.strip() == b""
    assert client.post(f"/tickets/{own.pk}/orders/{hidden.pk}/").status_code == 404
    bob.role.permissions = ["tickets:read"]
    bob.role.save()
    assert f"/tickets/{own.pk}/orders/" not in client.get(f"/tickets/{own.pk}/").content.decode()
    assert client.get(f"/tickets/{own.pk}/orders/").status_code == 403


@pytest.mark.parametrize("reach", ["all", "teams", "unassigned", "own"])
def test_what_is_listed_is_what_can_be_read(
    reach: str, support: Team, billing: Team, carol: Contact, alice: Agent
) -> None:
    somebody = AgentFactory(
        name="Somebody", role=role("Some", permissions=RIGHTS, reach=reach), teams=[billing]
    )
    tickets = [
        ticket(team=billing), ticket(team=support), ticket(assignee=somebody), ticket(assignee=alice, team=support),
        None,
    ]  # fmt: skip
    for number, case in enumerate(tickets):
        actions.create(external_id=str(number), ticket=case, actor=system_actor())
        actions.create(external_id=f"c{number}", ticket=case, contact=carol, actor=system_actor())
    r = robot(somebody)
    listed = {row["external_id"] for row in r.get("/orders?per_page=100").json()["data"]}
    readable = {
        order.external_id for order in Order.objects.all() if r.get(f"/orders/{order.pk}").status_code == 200
    }
    seen = {"all": "0 1 2 3 4", "teams": "0 2", "unassigned": "0 1 2", "own": "2"}[reach].split()
    assert listed == readable == {*seen, *(f"c{number}" for number in seen)}
