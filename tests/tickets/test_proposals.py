"""A bot proposes, an agent decides: in the workspace, over the API, and never unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Agent, Contact, Notification, Team
from activity.models import Event
from tests.bots import Bot, bot
from tests.cast import sign_in
from tests.factories import TagFactory, role, ticket
from tests.robot import Robot, reason, robot
from tests.tasks import do_queued
from tickets.models import Proposal, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(carol: Contact, support: Team, alice: Agent) -> Ticket:
    return ticket(contact=carol, team=support, assignee=alice)


@pytest.fixture
def assistant(alice: Agent) -> Bot:
    """It reads and proposes, and nothing else."""
    return bot(alice, access_level="read", scopes=["tickets:propose"])


def decide(browser: Client, row: Ticket, proposal: int, answer: str, **form: Any) -> Any:
    return browser.post(f"/tickets/{row.pk}/proposals/{proposal}/{answer}/", form)


def page(browser: Client, row: Ticket) -> str:
    return re.sub(r"\s+", " ", browser.get(f"/tickets/{row.pk}/").content.decode())


def test_a_reply_is_proposed_edited_and_approved_as_the_agents_own(
    assistant: Bot, alice: Agent, row: Ticket
) -> None:
    assert "tickets_reply" not in assistant.tools()
    made = assistant.data("tickets_propose", id=row.pk, kind="reply", body="It is *lost*.", reason="No scan.")
    assert not row.messages.filter(direction="out").exists()
    do_queued()
    assert Notification.objects.filter(agent=alice, kind="proposed").exists()
    browser = sign_in(alice)
    shown = page(browser, row)
    assert "Proposed reply" in shown
    assert "via Assistant, as Alice" in shown
    assert "No scan." in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version
    answer = decide(browser, row, made["id"], "approve", version=version[1], body="It is *late*, Carol.")
    assert answer.status_code == 302
    sent = row.messages.get(direction="out")
    assert (sent.agent, sent.door, sent.key_id, sent.body_text) == (
        alice,
        "web",
        None,
        "It is *late*, Carol.",
    )
    shown = page(browser, row)
    assert "Alice approved what Assistant proposed" in shown
    assert "Proposed reply" not in shown
    assert assistant.data("proposals_read", id=made["id"])["state"] == "approved"
    twice = decide(browser, row, made["id"], "approve", version=version[1], body="Again")
    assert twice.status_code == 422
    assert "approved already" in twice.content.decode()
    assert row.messages.filter(direction="out").count() == 1


def test_a_reply_that_the_ticket_outran_is_not_sent_unseen(assistant: Bot, alice: Agent, row: Ticket) -> None:
    made = assistant.data("tickets_propose", id=row.pk, kind="reply", body="It is late.")
    machine = robot(alice)
    machine.post(f"/tickets/{row.pk}/priority", {"priority": "high"})  # Does not matter to a reply.
    machine.post(f"/tickets/{row.pk}/reply", {"body": "It came!", "author": "contact"})
    browser = sign_in(alice)
    refused = decide(browser, row, made["id"], "approve", version=made["version"], body="It is late, Carol.")
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "Something was said in the ticket since this was proposed" in shown
    assert "It is late, Carol.</textarea>" in shown
    assert "It came!" in shown
    assert not row.messages.filter(direction="out").exists()
    over_http = machine.post(f"/proposals/{made['id']}/approve")
    assert (over_http.status_code, reason(over_http)) == (409, "stale_version")
    row.refresh_from_db()
    assert f'name="version" value="{row.version}"' in shown
    assert (
        decide(browser, row, made["id"], "approve", version=row.version, body="Glad to hear.").status_code
        == 302
    )
    assert row.messages.get(direction="out").body_text == "Glad to hear."


def test_a_change_is_shown_chosen_from_and_held_against_what_others_set(
    assistant: Bot, alice: Agent, bob: Agent, billing: Team, row: Ticket
) -> None:
    TagFactory(name="refund")
    changes = {
        "status": "pending",
        "priority": "urgent",
        "assignee": alice.email,
        "tags": ["refund"],
        "team": "Billing",
    }
    made = assistant.data("tickets_propose", id=row.pk, kind="change", changes=changes)
    assert made["changes"]["priority"] == "urgent"
    browser = sign_in(alice)
    shown = page(browser, row)
    for words in ("Proposed change", "Priority: Normal", "Urgent", "No tags", "refund", "Billing"):
        assert words in shown
    robot(alice).post(f"/tickets/{row.pk}/priority", {"priority": "low"})
    clash = decide(browser, row, made["id"], "approve", version=made["version"], only=["priority", "tags"])
    assert clash.status_code == 422
    assert "Somebody else changed priority meanwhile" in clash.content.decode()
    row.refresh_from_db()
    assert (row.get_priority_display(), row.tags.count()) == ("Low", 0)
    # Without what clashes it can be approved as it is.
    assert (
        decide(browser, row, made["id"], "approve", version=made["version"], only=["tags"]).status_code == 302
    )
    assert [tag.name for tag in row.tags.all()] == ["refund"]
    tagged = Event.objects.about(row).get(type="ticket.tagged")
    assert (tagged.agent, tagged.key_id) == (alice, None)


def test_a_proposal_is_declined_with_a_reason_or_withdrawn_by_its_own_key(
    assistant: Bot, alice: Agent, bob: Agent, billing: Team, row: Ticket
) -> None:
    robot(alice).post(f"/tickets/{row.pk}/team", {"team": billing.pk})
    one, other = (assistant.data("tickets_propose", id=row.pk, kind="note", body=text)["id"] for text in "ab")
    browser = sign_in(alice)
    assert "2 proposals</span>" in browser.get("/views/mine/").content.decode()
    assert decide(browser, row, one, "decline", reason="Not so.").status_code == 302
    assert "1 proposal</span>" in browser.get("/views/mine/").content.decode()
    told = assistant.data("proposals_read", id=one)
    assert (told["state"], told["answer"]) == ("declined", "Not so.")
    stranger = bot(bob, access_level="read", scopes=["tickets:propose"], name="Other")
    assert "Only whoever made a proposal" in stranger.call("proposals_withdraw", id=other)["error"]["message"]
    assert assistant.data("proposals_withdraw", id=other)["state"] == "withdrawn"
    assert "row-proposed" not in browser.get("/views/mine/").content.decode()
    assert not row.messages.filter(kind="note").exists()
    assert decide(browser, row, other, "approve", body="a", version=1).status_code == 422
    assert decide(browser, row, other, "eat").status_code == 404
    assert decide(browser, row, 10**9, "approve").status_code == 404


def test_who_may_not_do_it_himself_neither_sees_a_button_nor_approves(
    assistant: Bot, alice: Agent, bob: Agent, row: Ticket
) -> None:
    made = assistant.data("tickets_propose", id=row.pk, kind="reply", body="It is late.")
    light = Agent.objects.get(pk=bob.pk)
    light.role, _ = role("Light agent", reach="all"), None
    light.save(update_fields=["role"])
    browser = sign_in(light)
    shown = page(browser, row)
    assert "It is late." in shown
    assert "Approve and send" not in shown
    assert "1 proposal</span>" in browser.get("/views/open/").content.decode()
    light.role = role("Who reads no messages", permissions=["tickets:read"])
    light.save(update_fields=["role"])
    assert "row-proposed" not in browser.get("/views/open/").content.decode()
    light.role = role("Light agent", reach="all")
    light.save(update_fields=["role"])
    assert decide(browser, row, made["id"], "approve", version=1, body="x").status_code == 403
    assert decide(browser, row, made["id"], "decline").status_code == 403
    approving = robot(alice, access_level="custom", scopes=["tickets:read", "tickets:write", "notes:write"])
    refused = approving.post(f"/proposals/{made['id']}/approve")
    assert refused.json()["error"]["required_scopes"] == ["messages:write"]
    blind = robot(alice, access_level="custom", scopes=["tickets:read", "tickets:write"])
    assert blind.get(f"/proposals/{made['id']}").status_code == 404
    assert blind.get("/proposals").json()["data"] == []
    nothing = robot(alice, access_level="full").post(
        f"/tickets/{row.pk}/proposals", {"kind": "note", "body": "x"}
    )
    assert nothing.json()["error"]["required_scopes"] == ["tickets:propose"]
    assert Proposal.objects.get().state == "waiting"


def test_what_no_proposal_can_be_is_refused_in_words(alice: Agent, row: Ticket) -> None:
    r: Robot = robot(alice, scopes=["tickets:propose"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"kind": "reply"}, "body"),
        ({"kind": "change"}, "changes"),
        ({"kind": "change", "changes": {}}, "changes"),
        ({"kind": "change", "changes": {"subject": "x"}}, "changes.subject"),
        ({"kind": "change", "changes": {"status": "strange"}}, "changes.status"),
        ({"kind": "change", "body": "x", "changes": {"priority": "low"}}, "body"),
        ({"kind": "note", "body": "x", "changes": {"priority": "low"}}, "changes"),
        ({"kind": "poem", "body": "x"}, "kind"),
        ({"kind": "note", "body": "x", "reason": "y" * 501}, "reason"),
    ]
    for body, field in wrong:
        answer = r.post(f"/tickets/{row.pk}/proposals", body)
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field]), body
    for _n in range(20):
        assert r.post(f"/tickets/{row.pk}/proposals", {"kind": "note", "body": "x"}).status_code == 201
    assert "20 proposals wait" in str(
        r.post(f"/tickets/{row.pk}/proposals", {"kind": "note", "body": "x"}).json()
    )
    listed = r.get("/tickets?q=has:proposal").json()["data"]
    assert [found["id"] for found in listed] == [row.pk]
    assert len(r.get(f"/tickets/{row.pk}/proposals?state=waiting&kind=note").json()["data"]) == 20
