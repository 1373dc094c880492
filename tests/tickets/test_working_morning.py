"""A working morning in a real browser, with both hands on the keyboard; and what assistive technology sees of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact, Team
from tests.browser import barriers
from tests.desk import press, sign_in
from tests.factories import TagFactory, ticket
from tests.length import at_length
from tickets.models import Category, Ticket


@pytest.fixture
def morning(alice: Agent, bob: Agent, carol: Contact, support: Team) -> list[Ticket]:
    """Twenty tickets that nobody looks after; the last one stands first."""
    TagFactory(name="refund")
    made = [ticket(f"Matter {n}", f"About the zebra {n}", team=support) for n in range(1, 19)]
    made += [ticket("Twice", "Where is the okapi?", contact=carol), ticket("Once", "Where?", contact=carol)]
    return made


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_focused()


def test_a_working_morning(page: Page, site: str, alice: Agent, morning: list[Ticket]) -> None:
    sign_in(page, site, alice, "/views/unassigned/")
    triage(page, site, morning)
    solve_in_bulk(page, site, morning)
    work_on_one(page, site, morning)
    merge_and_unmerge(page, site, morning)
    search_and_come_back(page, site, morning)


def triage(page: Page, site: str, morning: list[Ticket]) -> None:
    """Triage: everything on the page is hers, but for two that are Bob's."""
    outcome = page.locator("#bulk-outcome")
    dialog = page.locator("#picker-dialog")
    press(page, "j", "X")
    expect(page.locator(".bulk-count")).to_have_text("20 selected")
    press(page, "a")
    expect(dialog).to_contain_text("20 tickets")
    press(page, "Enter")
    expect(outcome).to_contain_text("20 tickets changed")
    expect(page.locator("#count-mine")).to_have_text("20")
    press(page, "j", "x", "j", "x", "Control+k")
    expect(page.locator("#palette-found")).to_contain_text("To the 2 selected tickets")
    page.keyboard.type("assign bob")
    expect(page.locator("#palette-found [aria-selected=true]")).to_have_text("Assign to Bob")
    press(page, "Enter")
    expect(outcome).to_contain_text("2 tickets changed")
    assert Ticket.objects.filter(assignee__name="Bob").count() == 2


def solve_in_bulk(page: Page, site: str, morning: list[Ticket]) -> None:
    """Bulk solve, with one too many: undone, and selected anew with the Shift key."""
    outcome = page.locator("#bulk-outcome")
    picks = page.locator(".row-pick")
    press(page, "g", "m")
    page.wait_for_url(f"{site}/views/mine/")
    picks.nth(2).click()
    picks.nth(6).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("5 selected")
    press(page, "s")
    page.get_by_role("button", name="Solved").press("Enter")
    expect(outcome).to_contain_text("5 tickets changed")
    outcome.get_by_role("button", name="Undo").press("Enter")
    expect(outcome).to_contain_text("5 tickets are as they were")
    assert not Ticket.objects.filter(category=Category.SOLVED).exists()
    outcome.get_by_text("Close").press("Enter")
    expect(outcome).to_be_empty()


def work_on_one(page: Page, site: str, morning: list[Ticket]) -> None:
    """One at a time: snoozed for a few hours, followed, and tagged through the palette."""
    dialog = page.locator("#picker-dialog")
    picks = page.locator(".row-pick")
    picks.nth(3).click()
    page.get_by_role("link", name="Matter 16").press("Enter")
    heading(page, "Matter 16")
    press(page, "Escape", "z")
    expect(dialog).to_contain_text("Snooze until")
    press(page, "ArrowDown", "Enter")
    expect(page.locator("#ticket-head")).to_contain_text("snoozed until")
    press(page, "f")
    expect(page.locator("#joined")).to_contain_text("Alice")
    expect(page.locator("#notices")).to_contain_text("You follow ticket")
    press(page, "Control+k")
    page.keyboard.type("add refund")
    expect(page.locator("#palette-found [aria-selected=true]")).to_have_text("Add the tag refund")
    press(page, "Enter")
    expect(page.locator("#panel")).to_contain_text("refund")


def merge_and_unmerge(page: Page, site: str, morning: list[Ticket]) -> None:
    """Two tickets about one matter become one, and two again."""
    dialog = page.locator("#picker-dialog")
    press(page, "Control+k")
    page.keyboard.type("okapi")
    expect(page.locator("#palette-found mark").last).to_have_text("okapi")
    press(page, "Enter")
    heading(page, "Twice")
    press(page, "e")
    expect(dialog).to_contain_text("Other tickets of this contact")
    page.keyboard.type(str(morning[-1].pk))
    press(page, "Enter")
    expect(dialog).to_contain_text("Ends here")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Once", level=1)).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("Where is the okapi?")
    expect(page.locator("#joined")).to_contain_text("Twice")
    page.get_by_role("button", name=f"Unmerge #{morning[-2].pk}").press("Enter")
    expect(page.locator("#timeline")).to_contain_text("took #")
    expect(page.locator("#timeline")).not_to_contain_text("Where is the okapi?")


def search_and_come_back(page: Page, site: str, morning: list[Ticket]) -> None:
    """Search as one types; then back, where the list, its place and the selection are as they were."""
    picks = page.locator(".row-pick")
    press(page, "/")
    page.keyboard.type("zebr")
    expect(page.locator("#suggestions mark").first).to_have_text("zebra")
    press(page, "ArrowDown", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Matter")
    expect(page).to_have_url(re.compile(r"view=mine"))
    page.go_back()
    expect(page.get_by_role("heading", name="Once", level=1)).to_be_visible()
    picks.nth(1).click()
    page.reload()
    expect(picks.nth(1)).to_be_checked()
    assert page.locator("#rows .row").count() == 17


@at_length
def test_no_dialog_or_state_has_a_barrier(page: Page, site: str, alice: Agent, morning: list[Ticket]) -> None:
    sign_in(page, site, alice, "/views/unassigned/")
    page.get_by_role("link", name="Once").click()
    heading(page, "Once")
    found: list[str] = []
    for key, wanted in (("z", "Snooze until"), ("e", "Merge #"), ("l", "Link #")):
        press(page, key)
        expect(page.get_by_role("dialog")).to_contain_text(wanted)
        found += barriers(page)
        press(page, "Escape")
    press(page, "Control+k")
    page.keyboard.type("o")
    expect(page.locator("#palette-found mark").first).to_be_visible()
    found += barriers(page)
    press(page, "Escape", "/")
    page.keyboard.type("zebra")
    expect(page.locator("#suggestions mark").first).to_be_visible()
    found += barriers(page)
    press(page, "Escape", "Escape")
    page.locator(".row-pick").nth(1).click()
    press(page, "p")
    expect(page.get_by_role("dialog")).to_contain_text("Set the priority")
    found += barriers(page)
    press(page, "Enter")
    expect(page.locator("#bulk-outcome")).to_contain_text("1 ticket changed")
    found += barriers(page)
    found += when_a_change_of_many_stands_still(page)
    into = f"/tickets/{morning[-2].pk}/merge/?into={morning[-1].pk}"
    found += barriers(page, f"{site}{into}")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator("#joined")).to_contain_text("Twice")
    found += barriers(page, f"{site}/tickets/{morning[-2].pk}/")
    found += barriers(page, f"{site}/tickets/{morning[-1].pk}/split/{morning[-1].messages.get().pk}/")
    assert found == []


def when_a_change_of_many_stands_still(page: Page) -> list[str]:
    """It is under way, and the helpdesk does not answer: whoever leaves is asked, and it can go on."""
    ticket("One more than are changed at once")
    page.reload()
    expect(page.locator("#rows .row")).to_have_count(21)
    page.route("**/bulk/on/**", lambda route: route.abort())
    press(page, "j", "X", "p")
    page.get_by_role("button", name="Urgent").press("Enter")
    expect(page.locator("#bulk-outcome")).to_contain_text("20 of 21")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    found = barriers(page)
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        page.get_by_role("link", name="All open").click()
    assert asked.value.type == "beforeunload"
    page.unroute("**/bulk/on/**")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#bulk-outcome")).to_contain_text("tickets changed")
    return found
