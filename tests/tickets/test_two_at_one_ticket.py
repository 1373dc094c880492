"""Two agents at one ticket, in two real browsers, and one of them on two machines."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import Agent, Contact, Team
from tests.browser import PATIENCE, barriers
from tests.desk import look_up, sign_in
from tests.factories import at_the_web, role, ticket
from tests.servers import StartServer
from tests.tasks import ten_seconds_last
from tests.waiting import until
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Draft, Template, Ticket


def window(browser: Browser, site: str, agent: Agent, path: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, site, agent, path)
    expect(page.locator("#subject")).to_be_visible()
    return page


def test_two_agents_answer_one_ticket_and_nothing_is_lost(
    browser: Browser,
    start_server: StartServer,
    alice: Agent,
    bob: Agent,
    root: Agent,
    carol: Contact,
    support: Team,
) -> None:
    site = start_server().url
    bob.role = role("Agent")
    bob.save()
    ticket("Another one", contact=carol, assignee=alice, team=support)
    opened = ticket("Lost parcel", contact=carol, assignee=alice, team=support)
    Template.objects.create(name="It is on its way", body="Hello {{contact.name}}, it is on its way.")
    Template.objects.create(name="Refund", body="We have refunded it.")
    path = f"/tickets/{opened.pk}/?view=open"
    hers, his = window(browser, site, alice, path), window(browser, site, bob, path)
    she_writes(hers)
    until(lambda: he_sees_her_write(his, hers))
    phone = window(browser, site, alice, path)  # Her other machine.
    expect(message(phone)).to_have_value(WRITTEN)
    expect(phone.locator("#pending-files")).to_contain_text("label.txt")
    phone.context.close()
    he_is_quicker(his)
    she_is_shown_both_values(hers)
    she_is_shown_what_he_wrote(hers)
    his.reload()
    expect(his.locator("#timeline")).not_to_contain_text("Hello Carol")
    she_takes_it_back_and_sends_it_for_good(hers, opened)
    actions.receive(opened, body=Body.from_markdown("Thank you!"), actor=at_the_web(alice))
    look_up(his)
    his.get_by_role("button", name=re.compile("new: show them")).click()
    expect(his.locator(".message").last).to_contain_text("Thank you!")
    expect(his.locator("#timeline")).to_contain_text("label.txt")
    expect(his.locator("#news")).to_have_text("")
    it_is_deleted(hers, his, opened, by=root)
    for page in (hers, his):
        page.context.close()


WRITTEN = "**Hello Carol, it is on its way.**"


DROP = """
() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["abc"], "stray.txt", {type: "text/plain"}));
    const drop = new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer});
    return document.querySelector(".talk").dispatchEvent(drop);
}
"""
"""Lets go of a file over the conversation. False: the page has taken it."""


def message(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def she_writes(hers: Page) -> None:
    """With a template, in bold, with a file."""
    message(hers).press_sequentially("/way")
    expect(hers.get_by_role("option", name=re.compile("It is on its way"))).to_be_visible()
    expect(hers.get_by_role("option", name=re.compile("Refund"))).to_be_hidden()
    assert barriers(hers) == []
    message(hers).press("Enter")
    expect(message(hers)).to_have_value("Hello Carol, it is on its way.")
    message(hers).press("Control+a")
    message(hers).press("Control+b")
    expect(message(hers)).to_have_value(WRITTEN)
    hers.locator("#composer input[type=file]").set_input_files(
        {"name": "label.txt", "mimeType": "text/plain", "buffer": b"abc"}
    )
    expect(hers.locator("#pending-files")).to_contain_text("label.txt")
    expect(hers.locator("#kept")).to_have_text("Draft kept")
    until(Draft.objects.filter(body=WRITTEN).exists)  # And not only what stood there a moment before.


def he_sees_her_write(his: Page, hers: Page) -> bool:
    """She goes on, because what she typed before may be ten seconds ago on a busy machine."""
    message(hers).dispatch_event("input")
    look_up(hers)
    look_up(his)
    return his.locator("#presence").text_content() == "Alice is writing"


def he_is_quicker(his: Page) -> None:
    """He sets another status, and calls her in a note."""
    his.keyboard.press("s")
    his.get_by_role("button", name="Pending", exact=True).click()
    expect(his.locator("#panel")).to_contain_text("Pending")
    his.keyboard.press("n")
    his.keyboard.type("I rang her, @ali")
    his.get_by_role("option", name="Alice").wait_for()
    his.keyboard.press("Enter")
    his.keyboard.press("Control+Enter")
    expect(his.locator(".message[data-kind=note]")).to_contain_text("I rang her, @Alice")


def she_is_shown_both_values(hers: Page) -> None:
    hers.locator("[data-change=status]").click()
    hers.get_by_role("button", name="Solved", exact=True).click()
    expect(hers.locator(".clash")).to_contain_text("Bob changed this meanwhile.")
    assert barriers(hers) == []
    hers.get_by_role("link", name="Leave it as it is").click()
    expect(message(hers)).to_have_value(WRITTEN)


def she_is_shown_what_he_wrote(hers: Page) -> None:
    """Before she sends. She sends anyway."""
    hers.locator("[data-send]").click()
    expect(hers.locator("#composer-errors")).to_contain_text("I rang her, @Alice")
    assert barriers(hers) == []
    hers.get_by_role("button", name="Send anyway").click()
    expect(hers.locator(".held")).to_contain_text("Hello Carol")
    ten_seconds_last(hers)
    expect(message(hers)).to_have_value("")


def she_takes_it_back_and_sends_it_for_good(hers: Page, opened: Ticket) -> None:
    hers.context.set_offline(True)
    hers.get_by_role("button", name="Undo").click()
    expect(hers.locator("#notices")).to_contain_text("No connection")
    hers.context.set_offline(False)  # Her wish is still known.
    expect(message(hers)).to_have_value(WRITTEN)
    expect(hers.locator("#pending-files")).to_contain_text("label.txt")
    hers.keyboard.type(" Bye")  # The cursor is at the end.
    expect(message(hers)).to_have_value(f"{WRITTEN} Bye")
    assert hers.evaluate(DROP) is False  # The browser would have opened it.
    expect(hers.locator("#pending-files a")).to_have_text(["label.txt", "stray.txt"])
    hers.get_by_role("button", name="Remove stray.txt").press("Enter")
    expect(hers.get_by_role("button", name="Remove label.txt")).to_be_focused()
    expect(hers.locator(".held")).to_have_count(0)
    hers.locator(".send-more summary").click()
    hers.get_by_label("Go to the next ticket").check()
    hers.get_by_role("button", name="Send as solved").click()
    expect(hers.locator("#subject")).to_have_text("Another one")
    ten_seconds_last(hers)
    hers.get_by_role("button", name="Send now").click()
    expect(hers.locator(f"#row-{opened.pk}")).to_contain_text("Solved")
    expect(hers.locator("#outbox")).to_have_text("")


def it_is_deleted(hers: Page, his: Page, opened: Ticket, by: Agent) -> None:
    """While he writes in it, and she has it in her list."""
    message(his).fill("One more thing")
    expect(his.locator("#kept")).to_have_text("Draft kept")
    actions.delete(opened, actor=at_the_web(by))
    for page in (hers, his):
        look_up(page)
    row = hers.locator(f"#row-{opened.pk}")
    expect(row).to_contain_text("It is gone, or you may not see it any more.")
    expect(row.locator(".row-pick")).to_be_disabled()
    expect(his.locator("#news")).to_have_text("This ticket is gone, or you may not see it any more.")
    expect(message(his)).to_have_value("One more thing")
    assert barriers(his) == []
    his.get_by_role("link", name="To your text").click()
    expect(his.get_by_label("Your draft")).to_have_value("One more thing")
