"""The workspace in a real browser: on a phone, without scripts, as assistive technology sees it; and it keeps still."""

from __future__ import annotations

from playwright.sync_api import Browser, Dialog, Page, Route, expect

from accounts.models import Agent, Contact
from tests.browser import barriers
from tests.desk import look_up, press, sign_in
from tests.factories import TagFactory, at_the_web, ticket
from tickets import actions
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Ticket

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


def test_what_is_told_of_a_ticket_that_was_left_comes_too_late(
    page: Page, site: str, alice: Agent, work: list[Ticket]
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, site, alice)
    page.route("**/presence/**", hold)
    with page.expect_request("**/presence/**"):
        page.get_by_role("link", name="Matter 1").click()
    page.get_by_role("link", name="‹ Mine").click()
    expect(page.locator("#rows")).to_be_visible()
    answer = held[0].fetch()
    assert "presence" in answer.text()
    held[0].fulfill(response=answer)
    page.get_by_role("link", name="Matter 2").click()
    expect(page.get_by_role("heading", name="Matter 2", level=1)).to_be_visible()


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
