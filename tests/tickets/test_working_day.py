"""A working day in a real browser without a mouse, at night, on a phone, and when the scripts do not come."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Agent, Contact, CustomField, Team
from tests.browser import barriers
from tests.desk import press
from tests.factories import PASSWORD, OrganizationFactory, TagFactory, at_the_web, ticket
from tests.length import at_length
from tests.tasks import ten_seconds_last
from tickets import actions
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Category, MessageKind, Template, Ticket

PHONE = {"width": 390, "height": 844}


def sign_in(page: Page, site: str, agent: Agent, path: str = "/views/unassigned/") -> None:
    """By keyboard: the address has the focus."""
    page.goto(f"{site}/sign-in/?next={path}")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(agent.email)
    press(page, "Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url(f"{site}{path}")


def test_a_day_without_a_mouse(page: Page, site: str, alice: Agent, bob: Agent, support: Team) -> None:
    for n in range(1, 21):
        ticket(f"Matter {n}", f"About zebra {n}", team=support)
    Template.objects.create(name="Thanks", body="Thank you, {{contact.name}}.")
    sign_in(page, site, alice)
    expect(page.locator(".row[data-new]")).to_have_count(20)
    triage(page)
    assert Ticket.objects.filter(assignee=alice).count() == 15
    assert Ticket.objects.filter(assignee=bob).count() == 5
    expect(page.locator(".row[data-new]")).to_have_count(0)
    answer_and_take_back(page)
    solve(page, site)
    keep_a_view(page, site)
    at_night_and_on_a_phone(page)


def triage(page: Page) -> None:
    """Twenty tickets, each opened and given to somebody."""
    for n in range(20, 0, -1):
        press(page, "j", "Enter")
        expect(page.get_by_role("heading", name=f"Matter {n}", exact=True, level=1)).to_be_focused()
        press(page, "a")
        expect(page.locator("#picker").get_by_role("button", name="Nobody")).to_be_focused()
        press(page, "ArrowDown" if n % 4 == 0 else "ArrowUp", "Enter")
        expect(page.locator("[data-change=assignee]")).to_have_text("Bob" if n % 4 == 0 else "Alice")
        expect(page.locator("[data-change=assignee]")).to_be_focused()


def answer_and_take_back(page: Page) -> None:
    """A reply by template, with a file; taken back in time, and sent again."""
    text, held = page.get_by_label("Message", exact=True), page.locator(".held")
    press(page, "r")
    page.keyboard.type("/thank")
    expect(page.locator("#suggest-list [aria-selected]")).to_contain_text("Thanks")
    press(page, "Enter")
    expect(text).to_have_value(re.compile("^Thank you, Contact"))
    file: FilePayload = {"name": "label.txt", "mimeType": "text/plain", "buffer": b"To the sender"}
    page.locator("#composer input[type=file]").set_input_files(file)
    expect(page.locator("#pending-files a")).to_have_text("label.txt")
    press(page, "Control+Enter")
    expect(held).to_contain_text("label.txt")
    ten_seconds_last(page)
    press(page, "Escape", "Z")
    expect(held).to_have_count(0)
    expect(text).to_have_value(re.compile("^Thank you"))
    expect(page.locator("#pending-files a")).to_have_text("label.txt")
    expect(text).to_be_focused()
    press(page, "Control+Enter")
    expect(held).to_contain_text("label.txt")
    expect(text).to_have_value("")
    press(page, "Escape")


def solve(page: Page, site: str) -> None:
    press(page, "g", "m")
    page.wait_for_url(f"{site}/views/mine/")
    press(page, "j", "X")
    expect(page.locator(".bulk-count")).to_have_text("15 selected")
    press(page, "s")
    page.locator("#picker").get_by_role("button", name="Solved").press("Enter")
    expect(page.locator("#bulk-outcome")).to_contain_text("15 tickets changed")
    assert Ticket.objects.filter(category=Category.SOLVED).count() == 15


def keep_a_view(page: Page, site: str) -> None:
    """What was searched for becomes a view, and is found by its name."""
    press(page, "/")
    page.keyboard.type("status:solved zebra")
    press(page, "Enter")
    page.wait_for_url(re.compile("/search/"))
    expect(page.locator("#rows mark").first).to_have_text("zebra")
    page.locator(".save-view > summary").press("Enter")
    page.get_by_label("Name").press_sequentially("Done zebras")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/views/saved/\d+/"))
    press(page, "g", "o")
    page.wait_for_url(f"{site}/views/open/")
    press(page, "Control+k")
    page.keyboard.type("done zeb")
    expect(page.locator("#palette-found [aria-selected=true]")).to_have_text("Done zebras")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/views/saved/\d+/"))
    expect(page.locator("#rows .row")).to_have_count(15)


def at_night_and_on_a_phone(page: Page) -> None:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 24, 28)"
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    press(page, "j", "Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    why = page.get_by_text("Why is this here?")
    expect(why).to_be_hidden()
    page.locator(".ticket-details > summary").press("Enter")
    expect(why).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    press(page, "n")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_when_the_scripts_do_not_come_reading_and_answering_work(
    page: Page, site: str, alice: Agent, carol: Contact
) -> None:
    opened = ticket("Matter", "Where is it?", contact=carol, assignee=alice)
    page.route("**/*.js", lambda route: route.abort())
    sign_in(page, site, alice, "/views/mine/")
    page.get_by_role("link", name="Matter").click()
    expect(page.locator(".message").first).to_contain_text("Where is it?")
    page.get_by_label("Message", exact=True).fill("It is here.")
    page.locator("#composer input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}
    )
    page.locator(".mode", has_text="Internal note").click()
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message[data-kind=note]")).to_contain_text("a.txt")
    page.get_by_label("Message", exact=True).fill("It is **there**.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".held")).to_contain_text("It is there.")
    assert opened.messages.filter(kind=MessageKind.NOTE).count() == 1


@pytest.fixture
def everything(alice: Agent, root: Agent, carol: Contact, support: Team) -> Ticket:
    """A ticket with all that one can have."""
    for thing, key in (("ticket", "order"), ("contact", "since"), ("organization", "plan")):
        CustomField.objects.create(applies_to=thing, key=key, label=key.title(), kind="text")
    carol.organization = OrganizationFactory(name="Flowers Ltd", custom_fields={"plan": "Gold"})
    carol.custom_fields = {"since": "2024"}
    carol.save()
    quoted = "Yes.\n\n" + "\n".join(f"> line {n}" for n in range(30))
    picture = File("dot.png", "image/png", DOT)
    opened = ticket("Matter", quoted, contact=carol, team=support, tags=[TagFactory(name="refund")])
    other = ticket("Another", contact=carol, team=support)
    by_root = at_the_web(root)
    actions.note(opened, body=Body.from_markdown("Look"), actor=by_root, attachments=[picture])
    actions.link(opened, to=other, actor=by_root)
    actions.follow(opened, actor=by_root)
    actions.be_present(other, actor=by_root)
    return opened


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc000000301"
    "01007e1f6bf00000000049454e44ae426082"
)


@at_length
def test_no_state_has_a_barrier(page: Page, site: str, root: Agent, everything: Ticket) -> None:
    sign_in(page, site, root, "/views/open/")
    expect(page.locator(".row-there")).to_have_count(0)
    found = barriers(page)
    here = f"{site}/tickets/{everything.pk}/?view=open"
    page.goto(here)
    page.locator(".message details summary").first.press("Enter")
    found += barriers(page)
    for field in ("contact", "organization", "custom_fields.order", "assignee"):
        page.locator(f"#panel [data-change='{field}']").press("Enter")
        expect(page.locator("#picker-dialog")).to_be_visible()
        found += barriers(page)
        press(page, "Escape")
    actions.edit_subject(everything, subject="Theirs", actor=at_the_web(root))
    page.locator("[data-change=subject]").press("Enter")
    expect(page.locator("#picker input[name=value]")).to_be_focused()
    page.locator("#picker input[name=version]").evaluate("(field) => (field.value = 1)")
    actions.edit_subject(everything, subject="Theirs again", actor=at_the_web(root))
    page.keyboard.type("Mine")
    press(page, "Enter")
    expect(page.locator(".clash")).to_contain_text("changed this meanwhile")
    found += barriers(page)
    press(page, "Escape")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    found += barriers(page)
    page.context.set_offline(False)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(here)
    page.locator(".ticket-details > summary").press("Enter")
    page.get_by_text("Why is this here?").press("Enter")
    found += barriers(page)
    in_a_short_window(page, here)
    page.set_viewport_size({"width": 1280, "height": 800})
    for path in (
        "/search/?q=matter",
        "/search/?q=zzzz",
        "/search/?q=stauts:x",
        "/views/snoozed/",
        "/settings/",
    ):
        found += barriers(page, f"{site}{path}")
    assert found == []


def in_a_short_window(page: Page, here: str) -> None:
    """As at a zoom of 200 %, on a phone on its side, and at 400 %: nothing is out of reach."""
    for width, height in ((640, 400), (844, 390), (320, 256)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(here)
        expect(page.locator("[data-send]")).to_be_in_viewport(ratio=1)
        page.locator("#subject").scroll_into_view_if_needed()
        expect(page.locator("#subject")).to_be_in_viewport(ratio=1)
        page.locator(".message").last.scroll_into_view_if_needed()
        expect(page.locator(".message").last).to_be_in_viewport()
        press(page, "s")
        expect(page.locator("#picker-title")).to_be_in_viewport(ratio=1)
        press(page, "Escape")


WALK = """
() => {
    const shown = (element) => element.checkVisibility({visibilityProperty: true}) && !element.closest("[inert]");
    const controls = "a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex='0']";
    const all = [...document.querySelectorAll(controls)];
    const groups = new Set();
    return all.filter((element) => shown(element) && element.tabIndex >= 0 && !element.disabled).filter((element) => {
        if (element.type !== "radio") return true;
        const name = element.name;
        return groups.has(name) ? false : groups.add(name);
    }).map((element) => { element.dataset.walked = "no"; return element; }).length;
}
"""

STEP = """
() => {
    const here = document.activeElement;
    if (here === document.body) return "";
    const group = here.type === "radio" ? document.querySelectorAll(`[name="${here.name}"]`) : [here];
    for (const one of group) if (one.dataset.walked) one.dataset.walked = "yes";
    const carriers = [here, ...(here.labels ?? []), here.closest(".row, .mode, .option, label")].filter(Boolean);
    const isSeen = carriers.some((one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" || style.boxShadow !== "none";
    });
    return isSeen ? "" : here.outerHTML.slice(0, 160);
}
"""


@at_length
def test_every_control_is_reached_with_visible_focus(
    page: Page, site: str, root: Agent, everything: Ticket
) -> None:
    sign_in(page, site, root, "/views/open/")
    for size, path in (
        ({"width": 1280, "height": 800}, f"/tickets/{everything.pk}/?view=open"),
        (PHONE, f"/tickets/{everything.pk}/?view=open"),
        (PHONE, "/views/open/"),
    ):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{site}{path}")
        if size == PHONE and "tickets" in path:
            page.locator(".ticket-details > summary").press("Enter")
        count = page.evaluate(WALK)
        assert count > 10
        unseen = []
        for _ in range(count + 15):
            press(page, "Tab")
            unseen.append(page.evaluate(STEP))
        assert list(filter(None, unseen)) == []
        missed = page.locator("[data-walked=no]:visible").evaluate_all(
            "(all) => all.filter((one) => !one.closest('dialog')).map((one) => one.outerHTML.slice(0, 160))"
        )
        assert missed == []
