"""Bob, of Billing, sees his own team's tickets. A Support ticket does not exist for him, whichever way he comes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from tests.factories import ticket
from tests.robot import Robot, robot
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(support: Team, carol: Contact, alice: Agent) -> Ticket:
    hidden = ticket("Canarysubject", "canarytext", team=support, contact=carol)
    file = {"name": "canary.txt", "content": base64.b64encode(b"canaryfile").decode()}
    robot(alice).post(f"/tickets/{hidden.pk}/reply", {"body": "See file.", "attachments": [file]})
    return hidden


@pytest.fixture
def his(bob: Agent) -> Robot:
    return robot(bob, access_level="full")


def test_he_gets_404_where_he_asks_for_it(case: Ticket, his: Robot) -> None:
    message = Message.objects.filter(ticket=case).first()
    file = Attachment.objects.get()
    absent = his.get(f"/tickets/{case.pk + 1000}", **{"X-Request-ID": "same"})
    for answer in (
        his.get(f"/tickets/{case.pk}", **{"X-Request-ID": "same"}),
        his.patch(f"/tickets/{case.pk}", {"status": "solved"}, **{"X-Request-ID": "same"}),
        his.patch(f"/tickets/{case.pk}", {"nonsense": 1}, **{"X-Request-ID": "same"}),
        his.delete(f"/tickets/{case.pk}", **{"X-Request-ID": "same"}),
        his.post(f"/tickets/{case.pk}/reply", {"body": "Hi"}, **{"X-Request-ID": "same"}),
        his.post(f"/tickets/{case.pk}/note", {"body": "Hi"}, **{"X-Request-ID": "same"}),
        his.post(f"/tickets/{case.pk}/assign", {"assignee": None}, **{"X-Request-ID": "same"}),
        his.get(f"/tickets/{case.pk}/messages", **{"X-Request-ID": "same"}),
        his.post(f"/tickets/{case.pk}/messages", {"body": "Hi"}, **{"X-Request-ID": "same"}),
        his.get(f"/messages/{message.pk if message else 0}", **{"X-Request-ID": "same"}),
        his.get(f"/attachments/{file.pk}", **{"X-Request-ID": "same"}),
        his.get(f"/attachments/{file.pk}/download", **{"X-Request-ID": "same"}),
    ):
        if answer.status_code == 403:  # He may not delete tickets at all; that says nothing about this one.
            assert answer.json()["error"]["decided_by"] == "role"
            continue
        assert (answer.status_code, answer.content) == (404, absent.content)


def test_whatever_names_it_is_answered_as_if_it_were_not_there(
    case: Ticket, his: Robot, billing: Team, carol: Contact, alice: Agent
) -> None:
    """In bodies and filters as in addresses: the same words for what is hidden as for what is absent."""
    Ticket.objects.filter(pk=case.pk).update(external_id="hidden-id")
    mine, same = ticket(team=billing, contact=carol), {"X-Request-ID": "same"}
    message = case.messages.values_list("pk", flat=True)[0]
    file = {"name": "a.txt", "content": base64.b64encode(b"a").decode()}
    robot(alice).post(f"/tickets/{case.pk}/note", {"body": "canarynote", "attachments": [file]})
    upload = Attachment.objects.values_list("pk", flat=True).order_by("-pk")[0]
    bodies: list[tuple[str, Callable[[Any], dict[str, Any]], Any]] = [
        (f"/tickets/{mine.pk}/merge", lambda it: {"into": it}, case.pk),
        (f"/tickets/{mine.pk}/merge", lambda it: {"into": it}, "hidden-id"),
        (f"/tickets/{mine.pk}/link", lambda it: {"ticket": it}, case.pk),
        (f"/tickets/{mine.pk}/unlink", lambda it: {"ticket": it}, case.pk),
        (f"/tickets/{mine.pk}/split", lambda it: {"message": it}, message),
        (f"/tickets/{mine.pk}/reply", lambda it: {"body": "x", "attachments": [it]}, upload),
        ("/tickets/bulk", lambda it: {"ids": [it], "priority": "high"}, case.pk),
        ("/tickets/bulk", lambda it: {"ids": [mine.pk], "merge": it}, case.pk),
        ("/orders", lambda it: {"external_id": "1", "ticket": it}, case.pk),
    ]
    for path, body, hidden in bodies:
        absent = "absentish" if isinstance(hidden, str) else 987_654_321
        told = [
            re.sub(rf"(“|\"id\":|upload ){it}\b", "it", his.post(path, body(it), **same).content.decode())
            for it in (hidden, absent)
        ]
        assert told[0] == told[1], path
    for path in ("tickets?ids=", "messages?ticket=", "notes?ticket=", "attachments?ticket=", "orders?ticket=",
                 "tickets?merged=true&ids=", "events?subject_type=ticket&subject_id="):  # fmt: skip
        answers = [his.get(f"/{path}{it}").json() for it in (case.pk, 987_654_321)]
        assert answers[0]["data"] == answers[1]["data"] == [], path
        assert answers[0]["meta"] == answers[1]["meta"]


def test_no_list_count_search_or_link_knows_of_it(case: Ticket, his: Robot, carol: Contact) -> None:
    for path in (
        "/tickets",
        "/tickets?q=canarysubject",
        "/tickets?q=canarytext",
        f"/tickets?ids={case.pk}",
        f"/tickets?contact={carol.pk}",
        "/tickets?include=contact,assignee",
        "/tickets?cursor=",
        "/messages",
        f"/messages?ticket={case.pk}",
    ):
        answer = his.get(path).json()
        assert answer["data"] == [], path
        assert answer["meta"].get("pagination", {"total": 0})["total"] == 0
        assert not any(answer["linked"].values())


def test_what_he_lists_is_what_he_can_read(
    case: Ticket, his: Robot, bob: Agent, billing: Team, support: Team
) -> None:
    ticket(team=billing)
    ticket(team=support, assignee=bob)
    ticket(team=billing, assignee=bob)
    ticket()
    listed = {row["id"] for row in his.get("/tickets?per_page=100").json()["data"]}
    readable = {
        pk
        for pk in Ticket.objects.values_list("pk", flat=True)
        if his.get(f"/tickets/{pk}").status_code == 200
    }
    assert listed == readable
    assert len(listed) == 3
    assert his.get("/tickets").json()["meta"]["pagination"]["total"] == 3


def test_moving_a_ticket_out_of_his_reach_tells_him_no_more_about_it(
    his: Robot, billing: Team, support: Team
) -> None:
    case = ticket(team=billing)
    answer = his.patch(f"/tickets/{case.pk}", {"team": support.pk, "subject": "Bye"})
    assert answer.json()["data"] == {"id": case.pk, "number": case.pk}
    assert his.get(f"/tickets/{case.pk}").status_code == 404
