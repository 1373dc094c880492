"""One ticket too few: a message becomes a ticket of its own. Tickets about the same matter name each other."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import ticket
from tests.robot import Robot, reason, robot
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


@pytest.fixture
def case(her: Robot, carol: Contact, support: Team, alice: Agent) -> Ticket:
    """Four messages: the contact's, a reply, a note, a reply with a file."""
    made = ticket("Two matters", "First the parcel.", contact=carol, team=support, assignee=alice)
    file = {"name": "label.txt", "content": base64.b64encode(b"label").decode()}
    her.post(f"/tickets/{made.pk}/reply", {"body": "And the xylophone?"})
    her.post(f"/tickets/{made.pk}/note", {"body": "Two matters."})
    her.post(f"/tickets/{made.pk}/reply", {"body": "See the label.", "attachments": [file]})
    return made


def messages(case: Ticket) -> list[int]:
    return list(Message.objects.filter(ticket=case.pk).order_by("id").values_list("pk", flat=True))


def texts(r: Robot, number: int) -> list[str]:
    return [row["body_text"] for row in r.get(f"/tickets/{number}/messages").json()["data"]]


def split(r: Robot, case: Ticket, **body: Any) -> Any:
    return r.post(f"/tickets/{case.pk}/split", body)


def test_a_message_becomes_a_ticket_of_the_same_contact(
    her: Robot, case: Ticket, carol: Contact, alice: Agent
) -> None:
    answer = split(her, case, message=messages(case)[1], subject="The xylophone")
    made = answer.json()["data"]
    assert (answer.status_code, answer.headers["Location"].rpartition("/")[2]) == (201, str(made["id"]))
    assert (made["subject"], made["contact"], made["team"], made["assignee"]) == (
        "The xylophone", carol.pk, case.team_id, alice.pk,
    )  # fmt: skip
    assert texts(her, made["id"]) == ["And the xylophone?"]
    assert texts(her, case.pk) == ["First the parcel.", "Two matters.", "See the label."]
    assert made["first_replied_at"]
    assert her.get(f"/tickets/{case.pk}").json()["data"]["linked_tickets"] == [made["id"]]
    assert [row["id"] for row in her.get("/tickets?q=xylophone").json()["data"]] == [made["id"]]
    page = sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert f"Alice split a message off into #{made['id']}" in page
    assert (
        f"Alice split this ticket off from #{case.pk}"
        in sign_in(alice).get(f"/tickets/{made['id']}/").content.decode()
    )


def test_all_that_follows_goes_along_with_its_files(her: Robot, case: Ticket) -> None:
    made = split(her, case, message=messages(case)[1], following=True).json()["data"]
    assert texts(her, case.pk) == ["First the parcel."]
    rows = her.get(f"/tickets/{made['id']}/messages").json()["data"]
    assert [row["body_text"] for row in rows] == ["And the xylophone?", "Two matters.", "See the label."]
    assert rows[-1]["attachments"][0]["name"] == "label.txt"
    assert (made["subject"], Event.objects.about(case).newest_first()[0].facts["messages"]) == (
        "Two matters",
        3,
    )
    assert [row["id"] for row in her.get("/tickets?q=label").json()["data"]] == [made["id"]]


def test_one_message_stays(her: Robot, case: Ticket) -> None:
    answer = split(her, case, message=messages(case)[0], following=True)
    assert answer.json()["error"]["fields"]["message"][0]["code"] == "nothing_left"
    assert Ticket.objects.count() == 1


def test_only_its_own_messages_are_split_off(her: Robot, case: Ticket, bob: Agent, billing: Team) -> None:
    other = ticket(team=billing)
    her.post(f"/tickets/{other.pk}/merge", {"into": case.pk})
    answer = split(her, case, message=messages(other)[0])
    assert answer.json()["error"]["fields"]["message"][0]["code"] == "not_in_ticket"
    his = ticket(team=billing)
    answer = split(robot(bob), his, message=messages(case)[0])
    assert answer.json()["error"]["fields"]["message"][0]["code"] == "does_not_exist"
    assert split(robot(bob), case, message=messages(case)[1]).status_code == 404


def test_links_are_seen_from_both_sides_as_far_as_one_sees(
    her: Robot, alice: Agent, bob: Agent, support: Team, billing: Team
) -> None:
    a, b = ticket(team=billing), ticket(team=support, external_id="order-7")
    assert her.post(f"/tickets/{a.pk}/link", {"ticket": "order-7"}).status_code == 200
    assert her.get(f"/tickets/{a.pk}").json()["data"]["linked_tickets"] == [b.pk]
    assert her.get(f"/tickets/{b.pk}").json()["data"]["linked_tickets"] == [a.pk]
    assert robot(bob).get(f"/tickets/{a.pk}").json()["data"]["linked_tickets"] == []
    events = Event.objects.filter(type="ticket.linked").count()
    her.post(f"/tickets/{b.pk}/link", {"ticket": a.pk})
    assert Event.objects.filter(type="ticket.linked").count() == events == 2
    assert f"Alice linked this ticket to #{a.pk}" in sign_in(alice).get(f"/tickets/{b.pk}/").content.decode()
    her.post(f"/tickets/{b.pk}/unlink", {"ticket": a.pk})
    assert her.get(f"/tickets/{a.pk}").json()["data"]["linked_tickets"] == []


def test_bob_links_nothing_that_he_cannot_see(bob: Agent, support: Team, billing: Team) -> None:
    own, hidden, r = ticket(team=billing), ticket(team=support), robot(bob)
    for verb in ("link", "unlink"):
        assert r.post(f"/tickets/{own.pk}/{verb}", {"ticket": hidden.pk}).status_code == 422
        assert r.post(f"/tickets/{hidden.pk}/{verb}", {"ticket": own.pk}).status_code == 404
    assert r.post(f"/tickets/{own.pk}/link", {"ticket": own.pk}).status_code == 422
    assert reason(robot(bob, access_level="read").post(f"/tickets/{own.pk}/link", {})) == "insufficient_scope"
