"""A working day in a real browser: by keyboard, on a phone, without scripts, and as assistive technology sees it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from accounts.models import Agent, Contact, Team
from tests.browser import barriers
from tests.factories import PASSWORD, TagFactory, at_the_web, ticket
from tests.servers import StartServer
from tests.tasks import ten_seconds_last
from tickets import actions
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Category, Priority, Ticket

TOLD = """(type) => new Promise((told, missing) => {
    new PerformanceObserver((list) => told(list.getEntries()[0].toJSON())).observe({type, buffered: true});
    setTimeout(() => missing(new Error(`Nothing was told of the ${type}.`)), 30_000);
})"""
"""What the browser measured, once it tells of it: of the navigation sometimes only after the page has loaded."""

RECORD_SHIFTS = """
    window.shifts = [];
    const where = ({node, previousRect, currentRect}) =>
        `${node?.outerHTML?.slice(0, 90)}: ${JSON.stringify(previousRect)} → ${JSON.stringify(currentRect)}`;
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().flatMap((e) => e.sources.map(where))))
        .observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture
def site(start_server: StartServer) -> str:
    return start_server().url


@pytest.fixture
def work(alice: Agent, bob: Agent, carol: Contact, support: Team) -> list[Ticket]:
    """Three tickets; the newest, with a conversation, stands first."""
    tickets = [ticket(f"Matter {n}", contact=carol, assignee=alice, team=support) for n in (3, 2, 1)]
    first, by_alice = tickets[2], at_the_web(alice)
    actions.set_tags(first, tags=[TagFactory(name="refund")], actor=by_alice)
    actions.set_priority(first, priority=Priority.URGENT, actor=by_alice)
    file = File("photo.png", "image/png", b"x" * 2000)
    actions.note(first, body=Body.from_markdown("Look at *this*"), actor=by_alice, attachments=[file])
    actions.reply(first, body=Body.from_markdown("> quoted\n\n`code`"), actor=by_alice)
    return tickets[::-1]


def sign_in(page: Page, site: str, agent: Agent) -> None:
    page.goto(f"{site}/sign-in/")
    page.get_by_label("E-mail address").fill(agent.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/views/mine/")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


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


def look_up(page: Page) -> None:
    """As when somebody comes back to his window."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


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


def to_the_end_of_the_list(page: Page) -> None:
    """Not to its last element: that is exchanged for more rows as soon as it is in sight."""
    page.locator("#rows").evaluate("rows => rows.scrollTo(0, rows.scrollHeight)")


def test_a_long_list_scrolls_on_and_stays_where_it_is(
    page: Page, site: str, alice: Agent, work: list[Ticket]
) -> None:
    for n in range(40):
        ticket(f"Row {n}", assignee=alice, contact=work[0].contact)
    sign_in(page, site, alice)
    expect(page.locator("#rows .row")).to_have_count(25)
    to_the_end_of_the_list(page)
    expect(page.locator("#rows .row")).to_have_count(43)
    page.get_by_role("link", name="Row 3", exact=True).click()
    expect(page.get_by_role("heading", name="Row 3", level=1)).to_be_visible()
    expect(page.locator("#rows .row")).to_have_count(43)
    expect(page.get_by_role("link", name="Row 3", exact=True)).to_be_in_viewport()
    page.reload()
    expect(page.locator("#rows [aria-current]")).to_have_text("Row 3")
    expect(page.locator("#rows .row")).to_have_count(43)  # And what stands above it.
    # Back in a list, as far as it was read.
    page.goto(f"{site}/views/mine/")
    to_the_end_of_the_list(page)
    page.get_by_role("link", name="Row 3", exact=True).scroll_into_view_if_needed()
    page.goto(f"{site}/views/open/")
    page.go_back()
    expect(page.get_by_role("link", name="Row 3", exact=True)).to_be_in_viewport()


def test_on_a_phone_there_is_one_thing_at_a_time(
    page: Page, site: str, alice: Agent, work: list[Ticket]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, site, alice)
    views, rows = page.get_by_role("navigation", name="Views"), page.locator("#rows")
    subject = page.get_by_role("heading", name="Matter 1", level=1)
    expect(views).to_be_hidden()
    page.get_by_role("link", name="Matter 1").click()
    expect(subject).to_be_visible()
    expect(rows).to_be_hidden()
    page.get_by_role("link", name="‹ Mine").click()
    expect(rows).to_be_visible()
    expect(page).to_have_url(f"{site}/views/mine/")
    page.get_by_role("link", name="Back to the views").click()
    expect(views).to_be_visible()
    views.get_by_role("link", name="All open").click()
    expect(rows).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_scripts_reading_and_answering_work(
    browser: Browser, site: str, alice: Agent, work: list[Ticket]
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, alice)
    page.get_by_role("link", name="Matter 1").click()
    page.get_by_label("Message", exact=True).fill("By hand")
    page.locator(".mode", has_text="Internal note").click()
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message[data-kind=note]").last).to_contain_text("By hand")
    page.get_by_label("About this ticket").get_by_role("link", name="Alice").click()
    page.get_by_role("button", name="Nobody").click()
    expect(page.get_by_label("About this ticket")).to_contain_text("Nobody")
    page.locator(".send-more summary").click()
    page.get_by_role("button", name="Send as solved").click()
    expect(page.locator(".errors")).to_contain_text("Write something")
    page.get_by_label("Search tickets").fill("hand")
    page.get_by_label("Search tickets").press("Enter")
    expect(page.locator("#rows .row")).to_have_count(1)
    page.context.close()


def test_no_page_has_a_barrier(
    page: Page, site: str, root: Agent, work: list[Ticket], carol: Contact
) -> None:
    found = []
    for path in ("/sign-in/", "/password/reset/", "/password/choose/gone/"):
        found += barriers(page, f"{site}{path}")
    sign_in(page, site, root)
    opened = work[0].pk
    for path in (
        "/views/open/", "/views/pending/", "/views/", f"/tickets/{opened}/?view=open", "/search/?q=zzz",
        f"/tickets/{opened}/change/status/", f"/tickets/{opened}/change/tags/", f"/contacts/{carol.pk}/", "/nothing/",
        "/password/", "/tickets/999999/", "/tickets/new/", "/search/",
    ):  # fmt: skip
        found += barriers(page, f"{site}{path}", dark_width=390)
    page.goto(f"{site}/tickets/{opened}/?view=open")
    for key, dialog in (("a", "Assign to"), ("t", "Tags"), ("?", "Keyboard shortcuts")):
        press(page, key)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        found += barriers(page)
        press(page, "Escape")
    press(page, "n")
    found += barriers(page)
    assert found == []


def test_nothing_jumps_when_a_ticket_opens(page: Page, site: str, alice: Agent, work: list[Ticket]) -> None:
    for n in range(100):
        actions.reply(work[0], body=Body.from_markdown(f"message {n}"), actor=at_the_web(alice))
    page.add_init_script(RECORD_SHIFTS)
    sign_in(page, site, alice)
    page.goto(f"{site}/tickets/{work[0].pk}/?view=mine")
    expect(page.locator(".message").last).to_be_in_viewport()  # It opens at its newest message.
    assert page.evaluate(TOLD, "paint")["startTime"] >= page.evaluate(TOLD, "navigation")["domInteractive"]
    page.locator("#rows").get_by_role("link", name="Matter 2").click()
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_visible()
    arrived = ticket("Matter 4", assignee=alice)
    look_up(page)
    page.get_by_role("link", name="Show 1 new").click()
    expect(page.locator("#rows .row-subject").first).to_be_focused()
    expect(page.locator("#rows .row").first).to_have_id(f"row-{arrived.pk}")
    expect(page.locator("#rows [aria-current]")).to_have_text("Matter 2")
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_visible()
    expect(page.locator("#arrived")).to_be_empty()
    assert page.evaluate("window.shifts") == []
    page.go_back()
    expect(page.locator(".folded a")).to_be_visible()
    press(page, "Control+f")  # The browser looks for words in what is folded, too.
    expect(page.locator(".message").nth(50)).to_be_attached()
    page.emulate_media(media="print")  # On paper the ticket is as long as it is.
    expect(page.get_by_label("Message", exact=True)).to_be_hidden()
    expect(page.locator("#rows")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") > 2_000


def test_hostile_text_stays_text(page: Page, site: str, alice: Agent, carol: Contact) -> None:
    hostile = '"><svg onload=alert(1)><img src=//evil.example/x onerror=alert(2)>{{7*7}}<style>*{display:none}</style>'
    carol.name = hostile
    carol.save()
    opened = ticket(hostile, f"{hostile}\n\n[x](javascript:alert(3)) ![y](http://evil.example/y.png)", contact=carol,
                    assignee=alice, actor=at_the_web(alice), attachments=[File(hostile, "text/html", b"x")],
                    tags=[TagFactory(name=hostile[:60].lower())])  # fmt: skip
    requests: list[str] = []
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", note)
    sign_in(page, site, alice)
    page.goto(f"{site}/tickets/{opened.pk}/?view=mine")
    press(page, "t")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.goto(f"{site}/search/?q={hostile[:60]}")
    assert not dialogs
    assert all(url.startswith((site, "data:")) for url in requests)
