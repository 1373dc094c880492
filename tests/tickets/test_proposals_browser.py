"""Proposals in a real browser: edited and approved, outrun and declined, by keyboard and without barriers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact, Team
from tests.bots import bot
from tests.browser import barriers
from tests.desk import sign_in
from tests.factories import ticket
from tests.robot import robot
from tests.servers import StartServer


@pytest.mark.django_db(transaction=True)
def test_a_proposal_is_edited_and_approved_and_one_that_was_outrun_is_declined(
    page: Page, start_server: StartServer, alice: Agent, carol: Contact, support: Team
) -> None:
    row = ticket(contact=carol, team=support, assignee=alice)
    assistant = bot(alice, access_level="read", scopes=["tickets:propose"])
    change = {"kind": "change", "changes": {"priority": "high", "status": "pending"}, "reason": "It is late."}
    reply = {"kind": "reply", "body": "It is on its way."}
    for proposal in (change, reply):
        assistant.data("tickets_propose", id=row.pk, **proposal)
    url = start_server().url
    sign_in(page, url, alice)
    address = f"{url}/tickets/{row.pk}/?view=mine"
    assert barriers(page, address, dark_width=390) == []

    card = page.get_by_role("article", name="Proposed change")
    expect(card).to_contain_text("It is late.")
    card.get_by_role("checkbox").nth(0).uncheck()
    card.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("Alice approved what Assistant proposed")
    expect(page.locator("#panel .priority")).to_have_text("High")
    expect(page.locator("#panel .status").first).to_have_text("Open")

    robot(alice).post(f"/tickets/{row.pk}/reply", {"body": "It came today!", "author": "contact"})
    card = page.get_by_role("article", name="Proposed reply")
    card.get_by_label("Text of the proposal").fill("It is on its way, Carol.")
    card.get_by_role("button", name="Approve and send").click()
    expect(card.get_by_role("alert")).to_contain_text("Something was said in the ticket")
    expect(card.get_by_label("Text of the proposal")).to_have_value("It is on its way, Carol.")
    expect(page.locator(".timeline")).to_contain_text("It came today!")
    card.get_by_label("Why it is declined").fill("It came.")
    card.get_by_role("button", name="Decline").click()
    expect(card).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("Alice declined what Assistant proposed")
    assert not row.messages.filter(direction="out").exists()
