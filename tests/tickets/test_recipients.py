"""Whom replies are for, what they are written in, and what became of them on their way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import at_the_web, ticket
from tests.robot import Robot, reason, robot
from tests.tasks import do_queued
from tests.tickets.test_notifications import heard
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def page_of(alice: Agent, row: Ticket) -> str:
    return sign_in(alice).get(f"/tickets/{row.pk}/").content.decode()


def test_a_reply_is_for_the_contact_unless_it_names_others(alice: Agent, carol: Contact) -> None:
    program, opened = robot(alice), ticket(contact=carol)
    plain = program.post(f"/tickets/{opened.pk}/reply", {"body": "It is on its way."}).json()["data"]
    assert (plain["to"], plain["cc"], plain["delivery"]) == (["carol@customer.example"], [], {})
    assert 'class="recipients' not in page_of(alice, opened)

    named = {"to": ["Office@Customer.example"], "cc": ["dave@customer.example", "DAVE@customer.example"]}
    sent = program.post(f"/tickets/{opened.pk}/messages", {"body": "For all of you.", **named}).json()["data"]
    assert (sent["to"], sent["cc"]) == (["office@customer.example"], ["dave@customer.example"])
    assert program.get(f"/messages/{sent['id']}").json()["data"] == sent
    assert "To office@customer.example · Copy to dave@customer.example" in page_of(alice, opened)

    # What somebody wrote keeps whom he wrote it to; a note goes nowhere.
    heard_of = {"body": "Thank you!", "author": "contact", "to": ["help@desk.example"], "cc": []}
    assert program.post(f"/tickets/{opened.pk}/reply", heard_of).json()["data"]["to"] == ["help@desk.example"]
    quiet = program.post(f"/tickets/{opened.pk}/note", {"body": "Hm.", "to": ["dave@customer.example"]})
    assert (quiet.status_code, list(quiet.json()["error"]["fields"])) == (422, ["to"])

    new = {"subject": "Hello", "message": "Hello", "contact": "carol@customer.example"}
    asked = program.post("/tickets", {**new, "cc": ["dave@customer.example"]}).json()["data"]
    told = program.post("/tickets", {**new, "author": "agent"}).json()["data"]
    first = {m["ticket"]: m for m in program.get("/messages?per_page=2").json()["data"]}
    assert (first[asked["id"]]["to"], first[asked["id"]]["cc"]) == ([], ["dave@customer.example"])
    assert first[told["id"]]["to"] == ["carol@customer.example"]


@pytest.mark.parametrize(
    ("cc", "path"),
    [
        ("dave@customer.example", "cc"),
        (["dave"], "cc.0"),
        (["dave@customer.example", "x\r\nBcc: all@x.example"], "cc.1"),
        ([f"d{n}@customer.example" for n in range(21)], "cc"),
        ([None], "cc.0"),
    ],
)
def test_what_is_no_list_of_addresses_is_refused(alice: Agent, cc: object, path: str) -> None:
    opened = ticket()
    answer = robot(alice).post(f"/tickets/{opened.pk}/reply", {"body": "Hello", "cc": cc})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [path])
    assert not opened.messages.filter(body_text="Hello").exists()


def report(program: Robot, message: int, state: str, **more: object) -> object:
    answer = program.post(f"/messages/{message}/delivery", {"state": state, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]["delivery"]


def test_the_program_that_carries_a_reply_says_what_became_of_it(
    alice: Agent, bob: Agent, carol: Contact, support: Team
) -> None:
    opened, carrier = ticket(contact=carol, team=support), robot(alice, name="Mail gateway")
    reply = actions.reply(opened, body=Body.from_markdown("Soon."), actor=at_the_web(alice))
    before = Ticket.objects.get(pk=opened.pk).version
    moment = timezone.now()
    earlier, now = f"{moment - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}", f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    assert report(carrier, reply.pk, "sent", at=earlier) == {
        "state": "sent",
        "detail": "",
        "at": earlier,
    }
    report(carrier, reply.pk, "delivered", at=now)
    assert "Delivered" in page_of(alice, opened)
    # One that was overtaken changes nothing, and neither does the same again.
    assert report(carrier, reply.pk, "failed", at=earlier)["state"] == "delivered"  # type: ignore[index]
    report(carrier, reply.pk, "delivered")
    kinds = Event.objects.about(opened).filter(type__startswith="ticket.reply_").order_by("id")
    assert [event.type for event in kinds] == ["ticket.reply_sent", "ticket.reply_delivered"]
    assert Ticket.objects.get(pk=opened.pk).version == before

    report(carrier, reply.pk, "failed", detail="The mailbox is full.")
    do_queued(twice=True)
    assert heard(alice) == [f"Your reply was not delivered. The mailbox is full. {opened}"]
    assert 'data-state="failed"' in page_of(alice, opened)

    # Only what was on its way has a delivery, only for those who see it, and not at a time to come.
    path = f"/messages/{reply.pk}/delivery"
    assert robot(bob).post(path, {"state": "sent"}).status_code == 404
    late = carrier.post(path, {"state": "sent", "at": "2099-01-01T00:00:00Z"})
    assert (late.status_code, list(late.json()["error"]["fields"])) == (422, ["at"])
    assert carrier.post(path, {"state": "eaten"}).status_code == 422
    note = actions.note(opened, body=Body.from_markdown("Hm."), actor=at_the_web(alice))
    assert carrier.post(f"/messages/{note.pk}/delivery", {"state": "sent"}).status_code == 422
    reader = robot(alice, access_level="custom", scopes=["messages:read", "tickets:read"])
    assert reason(reader.post(path, {"state": "sent"})) == "insufficient_scope"


def test_a_ticket_is_in_its_contacts_language_until_somebody_knows_better(
    alice: Agent, carol: Contact
) -> None:
    carol.language = "de-AT"
    carol.save(update_fields=["language"])
    program = robot(alice)
    new = {"subject": "Wo ist es?", "message": "Hallo", "contact": "carol@customer.example"}
    opened = program.post("/tickets", new).json()["data"]
    assert opened["language"] == "de-AT"
    assert program.post("/tickets", {**new, "language": "EN_gb"}).json()["data"]["language"] == "en-GB"

    def found(words: str) -> int:
        return int(program.get(f"/tickets?q={words}").json()["meta"]["pagination"]["total"])

    assert (found("language:de"), found("language:de-AT"), found("language:none")) == (1, 1, 0)
    path = f"/tickets/{opened['id']}"
    assert "German (de-AT)" in page_of(alice, Ticket.objects.get(pk=opened["id"]))
    form = sign_in(alice).get(f"{path}/change/language/").content.decode()
    assert 'value="de-AT" maxlength="12" aria-labelledby' in form
    sign_in(alice).post(f"{path}/change/language/", {"value": "fr"})
    assert program.get(path).json()["data"]["language"] == "fr"
    stale = program.patch(path, {"language": "nl", "version": opened["version"]})
    assert (stale.status_code, reason(stale)) == (409, "stale_version")
    assert program.post(f"{path}/language", {"language": ""}).json()["data"]["language"] == ""
    refused = program.patch(path, {"language": "German!"})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["language"])
    assert Message.objects.filter(ticket=opened["id"]).count() == 1
