"""Triggers and macros in a real browser: built by keyboard, tried out, seen to act, and for ten tickets at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact
from automations.models import Macro, Trigger, TriggerRun
from tests.browser import barriers
from tests.desk import sign_in
from tests.factories import TagFactory, ticket
from tests.robot import robot
from tests.servers import StartServer
from tests.tasks import do_queued
from tickets.models import Tag, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(start_server: StartServer, page: Page, root: Agent) -> str:
    """The address of the helpdesk, in whose browser Root has signed in."""
    url = start_server().url
    sign_in(page, url, root)
    return url


def test_a_trigger_is_built_tried_out_and_seen_to_act(
    desk: str, page: Page, alice: Agent, carol: Contact
) -> None:
    TagFactory(name="crm")
    before = ticket(contact=carol)
    crm = robot(alice, name="CRM sync")
    crm.post(f"/tickets/{before.pk}/priority", {"priority": "low"})
    page.goto(f"{desk}/admin/automations/trigger/add/")
    page.get_by_label("Name").fill("What the CRM touches")
    expect(page.get_by_text("Only changes of")).to_be_hidden()
    page.get_by_label("something about the ticket changes").check()
    page.get_by_label("priority", exact=True).check()
    page.get_by_label("Conditions").fill('via:"CRM sync" -tag:crm')
    for step in ("Write an internal note", "Add tags"):
        page.get_by_label("Next step").select_option(label=step)
        page.get_by_role("button", name="Add the step").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".step").last).to_contain_text(step)
    expect(page.get_by_label("Tags, separated by commas")).to_be_focused()
    page.keyboard.type("crm")
    page.get_by_label("Text of the note").fill("The CRM was at {{ticket.number}}.")
    page.get_by_role("button", name="Move step 2 up").click()
    expect(page.locator(".step").first).to_contain_text("Add tags")
    expect(page.get_by_label("Tags, separated by commas")).to_have_value("crm")
    assert barriers(page, dark_width=390) == []
    page.get_by_label("Name").press("Enter")
    page.wait_for_url(f"{desk}/admin/automations/trigger/")
    trigger = Trigger.objects.get()
    assert [step["do"] for step in trigger.steps] == ["add_tags", "note"]

    page.get_by_role("link", name="What the CRM touches").last.click()
    page.get_by_role("link", name="Try it out").click()
    page.get_by_label("Number of the ticket").fill(str(before.pk))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Try with this ticket.priority_changed").click()
    expect(page.get_by_role("heading", name="It would act")).to_be_visible()
    expect(page.get_by_text("found: CRM sync")).to_be_visible()
    expect(page.get_by_text("The trigger “What the CRM touches” added the tag crm")).to_be_visible()
    assert barriers(page, dark_width=390) == []
    page.get_by_role("button", name="Try with this ticket.opened").click()
    expect(page.get_by_role("heading", name="It would do nothing")).to_be_visible()
    expect(page.get_by_text("found: no program")).to_be_visible()
    assert (before.tags.count(), before.messages.count(), TriggerRun.objects.count()) == (0, 1, 0)

    crm.post(f"/tickets/{before.pk}/priority", {"priority": "high"})
    do_queued()
    page.get_by_role("link", name="Runs").click()
    expect(page.locator("tbody tr")).to_contain_text("added the tag crm")
    assert barriers(page, dark_width=390) == []
    page.goto(f"{desk}/tickets/{before.pk}/")
    expect(page.get_by_text("The trigger “What the CRM touches” added the tag crm")).to_be_visible()
    expect(page.get_by_text(f"The CRM was at {before.pk}.")).to_be_visible()


def test_a_macro_of_ones_own_is_applied_to_ten_tickets_and_to_one(desk: str, page: Page, root: Agent) -> None:
    TagFactory(name="storm")
    for n in range(10):
        ticket(f"Roof {n}", assignee=root)
    page.goto(f"{desk}/settings/macros/")
    page.get_by_role("link", name="New macro").click()
    page.get_by_label("Name").fill("After the storm")
    page.get_by_label("Next step").select_option(label="Add tags")
    page.get_by_role("button", name="Add the step").click()
    page.get_by_label("Tags, separated by commas").fill("storm")
    assert barriers(page, dark_width=390) == []
    page.get_by_role("button", name="Save the macro").click()
    expect(page.get_by_role("link", name="After the storm")).to_be_visible()
    assert barriers(page, dark_width=390) == []
    assert Macro.objects.get().steps == [{"do": "add_tags", "value": [Tag.objects.get().pk]}]

    page.goto(f"{desk}/views/mine/")
    page.keyboard.press("X")
    page.locator("#bulk").get_by_role("button", name="Macro").click()
    page.get_by_role("button", name="After the storm: Add the tag storm").click()
    expect(page.get_by_text("10 tickets changed")).to_be_visible()
    assert Tag.objects.get().tickets.count() == 10
    page.locator("#bulk-outcome").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("10 tickets are as they were")).to_be_visible()

    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("Roof 3")).click()
    expect(page.get_by_role("heading", name="Roof 3", level=1)).to_be_visible()
    page.get_by_role("button", name="Macro", exact=True).last.click()
    page.get_by_role("link", name=re.compile("After the storm")).click()
    told = page.locator("#picker").get_by_text("Root added the tag storm, by the macro “After the storm”")
    expect(told).to_be_visible()
    assert barriers(page, dark_width=390) == []
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#panel").get_by_text("storm")).to_be_visible()
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is as it was.")).to_be_visible()
    expect(page.locator("#panel").get_by_text("storm")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.locator("#palette-words").press_sequentially("macro after")
    page.get_by_role("option", name="Macro: After the storm").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#panel").get_by_text("storm")).to_be_visible()
    assert barriers(page, dark_width=390) == []
    page.keyboard.press("Control+k")
    page.locator("#palette-words").press_sequentially("macro after")
    # What the palette finds meanwhile takes the place of what was clicked.
    page.get_by_role("option", name="Macro: After the storm").evaluate(
        "option => { option.click(); document.getElementById('palette-found').replaceChildren() }"
    )
    expect(page.get_by_text("All of this is so already: the ticket stays as it is.")).to_be_visible()
    assert Ticket.objects.filter(tags__name="storm").count() == 1
