"""The key desk in a real browser: by keyboard, with the clipboard, and as assistive technology sees it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Agent, HelpdeskSettings
from activity.actor import system_actor
from activity.models import Event
from apitokens.actions import rotate
from apitokens.models import ApiKey, Consent
from tests.apitokens.oauth import use, zap
from tests.bots import bot
from tests.browser import barriers
from tests.factories import PASSWORD, OrganizationFactory, TagFactory, role, ticket
from tests.length import at_length
from tests.robot import robot
from tickets.models import Priority

pytestmark = pytest.mark.django_db(transaction=True)


def api_says(desk: str, path: str, secret: str) -> httpx.Response:
    return httpx.get(f"{desk}/api/v1{path}", headers={"Authorization": f"Bearer {secret}"}, timeout=60)


def test_from_the_form_to_the_first_answer_by_keyboard(desk: str, page: Page, alice: Agent) -> None:
    page.goto(f"{desk}/admin/apitokens/apikey/add/")
    grid = page.get_by_role("radio", name="Tickets: Full access")
    expect(grid).to_be_hidden()
    page.get_by_label("Name").focus()
    page.keyboard.type("CRM sync")
    page.get_by_label("Acts as").focus()
    page.keyboard.type("Alice")
    page.get_by_label("Read only", exact=True).focus()
    page.keyboard.press("ArrowUp")  # Around to the last: Custom.
    expect(page.get_by_label("Custom")).to_be_checked()
    page.get_by_role("radio", name="Tickets: No access").focus()
    page.keyboard.press("ArrowLeft")  # Around to full access.
    expect(grid).to_be_checked()
    expect(page.get_by_text("Sees 0 tickets.")).to_be_visible()
    expect(page.get_by_label("Its role")).to_be_hidden()
    page.get_by_role("button", name="Create the key").focus()
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Copy Secret").click()
    expect(page.get_by_role("status").first).to_have_text("Copied")
    secret = page.evaluate("navigator.clipboard.readText()")
    answer = api_says(desk, "/tickets", secret)
    assert answer.status_code == 200
    assert ApiKey.objects.get().scopes == ["tickets:read", "tickets:write", "tickets:delete"]

    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("link", name="Rotate")).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Rotate").click()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("Nobody has used it since the rotation.")).to_be_visible()
    page.get_by_role("button", name="End the old secret now").click()
    expect(page.get_by_text("The old secret is refused from now on.")).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    password = page.get_by_label("Your password")
    expect(password).to_be_hidden()
    page.get_by_label("Full access", exact=True).check()
    password.fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/overview/")
    page.get_by_role("link", name="Requests").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").last).to_contain_text("GET /api/v1/tickets")


def test_a_key_from_its_service_agent_to_its_end(desk: str, page: Page, alice: Agent) -> None:
    page.goto(f"{desk}/admin/apitokens/apikey/add/")
    page.get_by_label("Name", exact=True).fill("Warehouse")
    page.get_by_label("A new service agent").check()
    page.get_by_label("It is called").fill("Warehouse robot")
    page.get_by_label("Its role").select_option(label=alice.role.name)
    page.get_by_role("button", name="Create the key").click()
    first = page.get_by_label("Secret", exact=True).input_value()
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Regenerate").click()
    page.get_by_role("button", name="Regenerate").click()
    second = page.get_by_label("Secret", exact=True).input_value()
    for secret, status in ((first, 401), (second, 200)):
        answer = api_says(desk, "/me", secret)
        assert answer.status_code == status
    assert answer.json()["data"]["person"]["name"] == "Warehouse robot"

    # Found in the list, and in the table for a spreadsheet.
    robot(alice, name="Another")
    page.goto(f"{desk}/admin/apitokens/apikey/")
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("searchbox").fill("warehouse")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 2

    page.get_by_role("link", name="Warehouse").first.click()
    expect(page.get_by_role("link", name="Delete")).to_have_count(0)
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke").click()
    assert api_says(desk, "/me", second).status_code == 401
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/apikey/")
    assert not ApiKey.objects.filter(name="Warehouse").exists()

    # The log of everything keeps its name.
    page.goto(f"{desk}/admin/activity/event/?q=Warehouse")
    for what in ("key.created", "key.regenerated", "key.revoked", "key.deleted"):
        expect(page.get_by_role("row").filter(has_text=what).first).to_contain_text("Warehouse")


def test_reloading_the_page_of_the_secret_shows_no_secret_and_makes_no_key(
    desk: str, page: Page, alice: Agent
) -> None:
    page.goto(f"{desk}/admin/apitokens/apikey/add/")
    page.get_by_label("Name").fill("CRM sync")
    page.get_by_label("Acts as").select_option(label="Alice")
    page.get_by_role("button", name="Create the key").click()
    secret = page.get_by_label("Secret", exact=True).input_value()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("This form was sent before")
    assert secret not in page.content()
    assert ApiKey.objects.count() == 1


def test_the_day_is_asked_for_only_when_it_matters(desk: str, page: Page) -> None:
    page.goto(f"{desk}/admin/apitokens/apikey/add/")
    day = page.get_by_label("On this day")
    expect(day).to_be_hidden()
    page.get_by_label("On a day").check()
    expect(day).to_be_visible()


def test_the_menu_opens_on_a_phone_and_closes_with_escape(desk: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{desk}/admin/")
    menu = page.get_by_role("navigation", name="Admin")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu.get_by_role("link", name="API keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_where_one_is_stands_in_sight_in_the_menu_of_a_low_window(desk: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    for name in ("Helpdesk settings", "Tickets"):
        page.goto(f"{desk}/admin/")
        menu = page.get_by_role("navigation", name="Admin")
        menu.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(lambda url: not url.endswith("/admin/"))
        expect(menu.locator("[aria-current]")).to_have_text(name)
        expect(menu.locator("[aria-current]")).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") == 0


@at_length
def test_assistive_technology_finds_nothing_wrong_on_any_page(desk: str, page: Page, alice: Agent) -> None:
    row = ticket("Where is my parcel?", contact=None)
    r = robot(alice)
    r.get("/tickets")
    r.get("/nothing")
    r.post(f"/tickets/{row.pk}/priority", {"priority": "high"})
    seen = r.key.requests.latest("sequence").sequence
    rotate(r.key, until=timezone.now() + timedelta(days=1), actor=system_actor())
    r.get("/me")
    spare = role("Spare")
    event = Event.objects.about(row)[0]
    key = f"apitokens/apikey/{r.key.pk}"
    layouts = [
        "", "apitokens/apikey/", "apitokens/apikey/add/", "activity/event/", f"activity/event/{event.pk}/change/",
        f"accounts/agent/{alice.pk}/change/", f"accounts/role/{spare.pk}/change/", f"accounts/role/{spare.pk}/delete/",
        f"{key}/requests/{seen}/", f"{key}/changes/", f"apitokens/apikey/access/?key={r.key.pk}",
        *(f"{key}/{tab}/" for tab in ("overview", "requests", "change", "history", "usage", "narrow", "lock")),
        *(f"{key}/{page}/" for page in ("regenerate", "rotate", "revoke")),
    ]  # fmt: skip
    others = [
        "accounts/agent/", "accounts/role/", "accounts/team/", "accounts/contact/", "tickets/ticket/", "tickets/tag/",
        f"accounts/organization/{OrganizationFactory().pk}/change/", f"tickets/tag/{TagFactory().pk}/change/",
        "tickets/ticket/?q=nothing", "accounts/agent/add/", f"accounts/agent/{alice.pk}/link/",
        f"accounts/role/{alice.role_id}/delete/", f"accounts/team/{alice.teams.get().pk}/change/",
        f"accounts/contact/{row.contact_id}/change/", f"tickets/ticket/{row.pk}/change/",
        f"tickets/ticket/{row.pk}/history/",
    ]  # fmt: skip
    paths = [f"{desk}/admin/{path}" for path in (*layouts, *others, *_pages_of_other_programs(alice))]
    assert [barrier for path in paths for barrier in barriers(page, path, dark_width=390)] == []
    HelpdeskSettings.objects.update(plans_with_api=[])
    assert barriers(page, f"{desk}/admin/", dark_width=390) == []


def _pages_of_other_programs(agent: Agent) -> list[str]:
    """Of an application that an agent allowed, and that asked for something; and of a bot."""
    app = zap()
    use(app.tokens_for(agent)["access_token"], "/tickets")
    application = f"apitokens/application/{app.application.pk}"
    allowed = f"{application}/allowed/{Consent.objects.get().pk}"
    return [
        "apitokens/application/", "apitokens/application/add/",
        *(f"{application}/{tab}/" for tab in ("overview", "change", "history", "regenerate", "disable")),
        *(f"{allowed}/{part}" for part in ("", "requests/", "requests/1/", "usage/")),
        f"apitokens/apikey/{bot(agent).key.pk}/overview/",
    ]  # fmt: skip


def test_what_a_key_did_is_taken_back_by_keyboard_after_a_look_at_what_that_means(
    desk: str, page: Page, alice: Agent
) -> None:
    row, r = ticket(), robot(alice)
    r.post(f"/tickets/{row.pk}/priority", {"priority": "urgent"})
    page.goto(f"{desk}/admin/apitokens/apikey/{r.key.pk}/changes/")
    page.get_by_role("checkbox", name="Take back ticket.priority_changed").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Ticket {row.pk}: priority back to normal, instead of urgent.")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Take 1 change back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 change was taken back.")).to_be_visible()
    row.refresh_from_db()
    assert row.priority == Priority.NORMAL
