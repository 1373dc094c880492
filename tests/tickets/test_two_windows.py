"""One agent writes in two windows of a real browser, and what does not arrive at first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact, Team
from tests.browser import barriers
from tests.desk import look_up, sign_in
from tests.factories import ticket
from tests.tasks import ten_seconds_last
from tests.waiting import until
from tickets.models import Draft, Priority, Ticket


@pytest.fixture
def opened(alice: Agent, carol: Contact, support: Team) -> Ticket:
    return ticket("Lost parcel", contact=carol, assignee=alice, team=support)


def types(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).press("Control+End")
    page.keyboard.type(text)
    expect(page.locator("#kept")).not_to_have_text("")


def come_back(page: Page) -> None:
    """As when somebody clicks into a window."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def test_what_one_window_wrote_or_sent_is_known_to_the_other(
    page: Page, site: str, alice: Agent, opened: Ticket
) -> None:
    path = f"/tickets/{opened.pk}/?view=open"
    sign_in(page, site, alice, path)
    other = page.context.new_page()
    types(page, "Dear Carol")
    expect(page.locator("#kept")).to_have_text("Draft kept")
    other.goto(f"{site}{path}")
    here, there = (window.get_by_label("Message", exact=True) for window in (page, other))

    there.fill("Dear Carol, it is here.")
    other.get_by_text("Internal note", exact=True).first.click()
    until(Draft.objects.filter(body="Dear Carol, it is here.", kind="note").exists)
    come_back(page)
    expect(here).to_have_value("Dear Carol, it is here.")
    expect(page.get_by_role("radio", name="Internal note")).to_be_checked()  # Else it would go to Carol.

    here.fill("Ants")
    until(Draft.objects.filter(body="Ants").exists)
    there.fill("Bees")
    expect(other.locator("#composer-errors")).to_contain_text("Ants")
    page.get_by_text("Reply", exact=True).first.click()
    page.locator("[data-send]").click()
    expect(page.locator(".held")).to_contain_text("Ants")
    ten_seconds_last(page)
    come_back(other)
    expect(other.locator("#composer-errors")).to_contain_text("This was sent already")
    expect(other.locator("#composer-errors")).not_to_contain_text("Ants")
    expect(there).to_have_value("Bees")
    assert barriers(other) == []
    other.get_by_role("button", name="Keep what is here").click()
    expect(other.locator("#kept")).to_have_text("Draft kept")

    page.reload()
    expect(here).to_have_value("Bees")
    page.locator("[data-send]").click()
    expect(page.locator(".message[data-kind=note]")).to_contain_text("Bees")
    come_back(other)
    expect(there).to_have_value("")
    expect(other.locator(".message[data-kind=note]")).to_contain_text("Bees")


def test_a_file_that_did_not_arrive_is_sent_once_more_and_one_that_is_removed_leaves_nothing(
    page: Page, site: str, alice: Agent, opened: Ticket
) -> None:
    sign_in(page, site, alice, f"/tickets/{opened.pk}/")
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"one"}
    page.route("**/files/", lambda route: route.abort())
    page.locator("#composer input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("#pending-files")).to_contain_text("a.txt: This file did not arrive.")
    assert barriers(page) == []
    page.unroute("**/files/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Remove a.txt")).to_be_visible()
    expect(page.locator("#pending-files")).not_to_contain_text("did not arrive")
    page.get_by_role("button", name="Remove a.txt").click()
    expect(page.locator("#pending-files li")).to_have_count(0)
    assert not Draft.objects.exists()
    types(page, "Without it")
    expect(page.locator("#kept")).to_have_text("Draft kept")
    expect(page.locator("#composer-errors")).to_have_text("")


def test_a_change_of_many_whose_session_ends_stands_still_where_it_is(
    page: Page, site: str, alice: Agent, opened: Ticket
) -> None:
    for n in range(24):
        ticket(f"Matter {n}", assignee=alice)
    sign_in(page, site, alice, f"/tickets/{opened.pk}/?view=mine")
    page.get_by_label("Message", exact=True).fill("On its way")
    page.locator("[data-send]").click()
    expect(page.locator("#outbox")).to_contain_text("goes out in a moment")
    ten_seconds_last(page)
    page.locator(".row-pick").first.check()
    over_nothing(page)
    page.get_by_role("button", name="All shown").click()

    def end_the_session(route: object) -> None:
        page.context.clear_cookies(name="sessionid")
        page.unroute("**/bulk/on/**")
        page.route("**/bulk/on/**", lambda later: later.abort())
        route.fallback(headers={**route.request.headers, "cookie": ""})  # type: ignore[attr-defined]

    page.route("**/bulk/on/**", end_the_session)
    page.locator("#bulk").get_by_role("button", name="Priority").click()
    page.get_by_role("button", name="Urgent").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.locator("#bulk-outcome")).to_contain_text("20 of 25")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert Ticket.objects.filter(priority=Priority.URGENT).count() == 20
    expect(page.locator("[data-selected]")).to_have_text("5")
    over_nothing(page)
    assert barriers(page) == []


def over_nothing(page: Page) -> None:
    """What floats over the list hides none of the buttons for the selected tickets."""
    bar, floating = (page.locator(part).bounding_box() for part in (".bulk-place", "#outbox"))
    assert bar is not None
    assert floating is not None
    assert floating["y"] + floating["height"] <= bar["y"]


def test_who_signs_in_again_in_another_window_goes_on_where_he_was(
    page: Page, site: str, alice: Agent, bob: Agent, opened: Ticket
) -> None:
    here = f"/tickets/{opened.pk}/"
    sign_in(page, site, alice, here)
    types(page, "Dear Carol")
    expect(page.locator("#kept")).to_have_text("Draft kept")
    page.context.clear_cookies(name="sessionid")
    look_up(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    types(page, ", it is here.")
    other = page.context.new_page()
    sign_in(other, site, bob, "/views/mine/")
    come_back(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.locator("[data-send]").click()
    expect(page.locator("#notices")).to_contain_text(
        "This page was open for too long."
    )  # Nothing in Bob's name.
    other.context.clear_cookies()
    sign_in(other, site, alice, "/views/mine/")
    come_back(page)
    expect(page.get_by_text("You are signed out.")).to_be_hidden()
    until(Draft.objects.filter(agent=alice, body="Dear Carol, it is here.").exists)
    page.locator("[data-send]").click()
    expect(page.locator(".held")).to_contain_text("Dear Carol, it is here.")
