"""A working day in a real browser: by keyboard, and with nothing lost of what was written."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from accounts.models import Agent
from tests.desk import look_up, press, sign_in
from tests.factories import PASSWORD
from tests.tasks import ten_seconds_last
from tickets.models import Category, Ticket


def send_now(page: Page) -> None:
    ten_seconds_last(page)
    page.get_by_role("button", name="Send now").click()


def test_alice_works_by_keyboard_alone(
    page: Page, site: str, alice: Agent, bob: Agent, work: list[Ticket]
) -> None:
    sign_in(page, site, alice)
    press(page, "j", "j", "Enter")  # To the second row, and in.
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_focused()
    expect(page).to_have_url(re.compile(rf"/tickets/{work[1].pk}/\?view=mine$"))
    expect(page).to_have_title(re.compile("Matter 2"))

    press(page, "r")
    page.keyboard.type("It **arrives** today.")
    press(page, "Control+Enter")
    expect(page.locator(".message").last).to_contain_text("It arrives today.")
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    send_now(page)
    expect(page.locator(".held")).to_have_count(0)
    expect(page.locator(f"#row-{work[1].pk}")).to_contain_text("It arrives today.")

    press(page, "Escape", "n")
    page.keyboard.type("Between us")
    press(page, "Control+Enter")
    expect(page.locator(".message[data-kind=note]")).to_contain_text("Between us")

    press(page, "Escape", "s")
    page.get_by_role("button", name="Pending").press("Enter")
    expect(page.locator("#panel")).to_contain_text("Pending")
    expect(page.locator("[data-change=status]")).to_be_focused()
    expect(page.locator("#count-mine")).to_have_text("2")
    expect(page.locator("#count-pending")).to_have_text("1")
    expect(page.locator("#timeline")).to_contain_text("Alice set the status to Pending")

    press(page, "a", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(page.get_by_role("button", name="Bob")).to_be_visible()
    page.get_by_role("button", name="Bob").press("Enter")
    expect(page.locator("#panel")).to_contain_text("Bob")

    press(page, "t")
    page.get_by_label("New tags, separated by commas").fill("late, vip")
    press(page, "Enter")
    expect(page.locator("#panel")).to_contain_text("vip")

    press(page, "u", "j", "o")  # Back in the list, on to the next.
    expect(page.get_by_role("heading", name="Matter 3", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_visible()
    expect(page.locator("#rows [aria-current]")).to_have_text("Matter 2")

    press(page, "g", "p")
    page.wait_for_url(f"{site}/views/pending/")
    press(page, "/")
    page.keyboard.type("arrives")
    press(page, "Enter")
    page.wait_for_url(f"{site}/search/?q=arrives")
    expect(page.locator("#rows .row")).to_have_count(1)
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press(page, "Escape", "c")
    page.wait_for_url(f"{site}/tickets/new/")
    work[1].refresh_from_db()
    assert (work[1].category, work[1].assignee) == (Category.PENDING, bob)


def test_what_is_pressed_while_a_ticket_is_on_its_way_is_meant_for_it(
    page: Page, site: str, alice: Agent, work: list[Ticket]
) -> None:
    sign_in(page, site, alice)
    press(page, "j", "j", "Enter")
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_focused()

    def type_meanwhile(route: Route) -> None:
        page.keyboard.type("nNot for Matter 2")
        route.continue_()

    page.route(f"**/tickets/{work[0].pk}/?*", type_meanwhile, times=1)
    press(page, "k", "Enter")
    expect(page.get_by_role("heading", name="Matter 1", level=1)).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Not for Matter 2")
    expect(page.get_by_label("Internal note")).to_be_checked()

    def go_on_meanwhile(route: Route) -> None:
        page.keyboard.press("/")
        route.continue_()

    page.route(f"**/tickets/{work[1].pk}/?*", go_on_meanwhile, times=1)
    press(page, "Escape", "u", "j", "Enter")  # And who went on elsewhere stays there.
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_visible()
    expect(page.get_by_role("combobox", name="Search tickets")).to_be_focused()

    press(page, "Escape", "r", "Control+k")  # Whoever waits for it gets to its beginning, from wherever.
    page.keyboard.type("Matter 3")
    page.get_by_role("option", name=re.compile("Matter 3")).click()
    expect(page.get_by_role("heading", name="Matter 3", level=1)).to_be_focused()


def test_what_alice_wrote_is_not_lost(page: Page, site: str, alice: Agent, work: list[Ticket]) -> None:
    sign_in(page, site, alice)
    page.goto(f"{site}/tickets/{work[0].pk}/?view=mine")
    written = page.get_by_label("Message", exact=True)
    press(page, "n")
    page.keyboard.type("Half a thought")
    page.reload()
    expect(written).to_have_value("Half a thought")
    expect(page.get_by_label("Internal note")).to_be_checked()

    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    press(page, "n")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("No connection")
    expect(written).to_have_value("Half a thought")
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_be_hidden()

    page.route("**/presence/**", lambda route: route.abort())  # The server is away.
    look_up(page)
    expect(page.get_by_text("The helpdesk does not answer.")).to_be_visible()
    page.unroute("**/presence/**")
    look_up(page)
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#notices")).to_have_text("")

    page.route("**/draft/", lambda route: route.abort())  # No room in the browser either.
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    written.press_sequentially("!")
    expect(page.locator("#kept")).to_have_text("Not kept: copy it before you leave")
    page.unroute("**/draft/")
    written.press("Backspace")
    expect(page.locator("#kept")).to_have_text("Draft kept")

    page.context.clear_cookies(name="sessionid")  # The session ends meanwhile.
    look_up(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in again")).to_have_attribute("href", re.compile("next="))
    no_page_to_sign_in_comes_into_the_text(page)
    expect(written).to_have_value("Half a thought")
    press(page, "n")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile(r"/sign-in/\?next="))
    page.get_by_label("E-mail address").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("html[data-scripts]")).to_be_attached()
    expect(written).to_have_value("Half a thought")
    press(page, "n")
    press(page, "Control+Enter")
    expect(page.locator(".message[data-kind=note]").last).to_contain_text("Half a thought")
    page.reload()
    expect(written).to_have_value("")


def no_page_to_sign_in_comes_into_the_text(page: Page) -> None:
    """Where something else was asked for. And what is not whole is not sent."""
    page.get_by_role("button", name="Preview").click()
    page.locator("#composer input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"one"}
    )
    expect(page.locator("#pending-files")).to_contain_text("a.txt: This file did not arrive.")
    press(page, "Control+Enter")
    expect(page.locator("#notices")).to_contain_text("A file did not arrive, so nothing was sent.")
    page.locator("#pending-files").get_by_role("button", name="Remove").click()


def test_a_refusal_keeps_text_and_files(page: Page, site: str, alice: Agent, work: list[Ticket]) -> None:
    sign_in(page, site, alice)
    page.goto(f"{site}/tickets/{work[0].pk}/")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#composer-errors")).to_have_text("Write something, or attach a file.")
    slow: list[Route] = []

    def hold(route: Route) -> None:
        slow.append(route)

    page.route("**/files/", hold)
    page.locator("input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}
    )
    expect(page.locator("#pending-files progress")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog"):  # Whoever leaves before it has arrived is asked.
        page.get_by_role("link", name="All open").click()
    slow[0].continue_()
    expect(page.locator("#pending-files a")).to_have_text("a.txt")
    page.get_by_label("Message", exact=True).fill("x" * 100_001)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#composer-errors")).to_contain_text("at most 100,000 characters")
    page.get_by_label("Message", exact=True).fill("short")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message").last).to_contain_text("a.txt")
