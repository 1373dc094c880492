"""What an admin does about a key that stands out, in a real browser, while its programs go on asking."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Agent, HelpdeskSettings
from apitokens.models import ApiKey, DailyUse, SeenAddress
from tests.browser import barriers
from tests.factories import ticket
from tests.robot import Robot, robot
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def asks(desk: str, r: Robot, path: str = "/me", *, secret: str = "", program: str = "shop/1") -> int:
    """A program's request over the wire, counted when this returns: that is done after the answer."""
    before = r.key.requests.count()
    headers = {"Authorization": f"Bearer {secret or r.secret}", "User-Agent": program}
    answer = httpx.get(f"{desk}/api/v1{path}", headers=headers, timeout=60)
    until(lambda: answer.status_code == 401 or r.key.requests.count() > before)
    return answer.status_code


def test_a_secret_is_rotated_while_one_program_still_uses_the_old_one(
    desk: str, page: Page, alice: Agent
) -> None:
    r = robot(alice, name="CRM sync")
    assert asks(desk, r) == 200
    page.goto(f"{desk}/admin/apitokens/apikey/{r.key.pk}/overview/")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Rotate").click()
    new = page.get_by_label("Secret", exact=True).input_value()
    page.get_by_role("link", name="I have copied it").click()

    assert asks(desk, r, secret=new, program="moved/2") == 200
    assert asks(desk, r, program="forgotten/1") == 200
    page.reload()
    uses = page.get_by_role("region", name="Uses of the old secret")
    expect(uses).to_contain_text("forgotten/1")
    expect(uses).not_to_contain_text("moved/2")
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("GET /api/v1/me")

    page.get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="End the old secret now").click()
    expect(page.get_by_text("The old secret is refused from now on.")).to_be_visible()
    assert (asks(desk, r), asks(desk, r, secret=new)) == (401, 200)


def test_a_key_is_narrowed_to_what_it_needed_and_locked_to_where_it_is_used(
    desk: str, page: Page, alice: Agent
) -> None:
    row, r = ticket(), robot(alice, name="Shop", access_level="read")
    assert asks(desk, r, "/tickets") == 200
    long_ago = timezone.now() - timedelta(days=70)
    ApiKey.objects.filter(pk=r.key.pk).update(created_at=long_ago)
    DailyUse.objects.create(key=r.key, day=long_ago.date(), operation="tickets.list", outcome=2, requests=1)
    SeenAddress.objects.filter(key=r.key).update(first_at=long_ago)
    page.goto(f"{desk}/admin/apitokens/apikey/{r.key.pk}/overview/")
    page.get_by_role("link", name="Narrow it to what it needed").click()
    expect(page.get_by_text("It would keep: tickets:read")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Narrow").click()
    expect(page.get_by_text("“Shop” keeps only what it needed.")).to_be_visible()
    assert (asks(desk, r, "/tickets"), asks(desk, r, "/contacts")) == (200, 403)

    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("rowheader", name="contacts.list")).to_be_visible()
    page.get_by_role("link", name="Lock the key to addresses").click()
    expect(page.get_by_role("checkbox", name="127.0.0.1")).to_be_checked()
    assert barriers(page) == []
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_text("“Shop” works only from these addresses now.")).to_be_visible()
    assert asks(desk, r, "/tickets") == 200

    # What would the API say now? The tester gives its own sentence.
    page.get_by_role("link", name="Test access").click()
    expect(page.get_by_label("Key", exact=True).locator("option:checked")).to_contain_text("Shop")
    page.get_by_label("Operation").select_option("tickets.reply")
    page.get_by_label("Ticket, or whatever the address names").fill(str(row.pk))
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("This key lacks the scope messages:write.")).to_be_visible()
    page.get_by_label("Operation").select_option("tickets.read")
    page.get_by_label("From the address").fill("203.0.113.9")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status")).to_contain_text("the key’s own list")
    assert barriers(page) == []


def test_the_whole_helpdesk_is_closed_to_programs_from_elsewhere_but_not_by_mistake(
    desk: str, page: Page, alice: Agent
) -> None:
    r = robot(alice)
    page.goto(f"{desk}/admin/accounts/helpdesksettings/1/change/")
    listed = page.get_by_label("Only programs from these addresses")
    expect(page.get_by_text("You are at 127.0.0.1 now.")).to_be_visible()
    listed.fill("203.0.113.1/24")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Did you mean 203.0.113.0/24?")).to_be_visible()
    listed.fill("203.0.113.0/24")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Your own address, 127.0.0.1, is not among these.")).to_be_visible()
    assert barriers(page) == []
    assert HelpdeskSettings.objects.get().api_addresses == []

    page.get_by_label("Save although programs at my own address would be refused").check()
    page.get_by_role("button", name="Save").first.click()
    until(lambda: HelpdeskSettings.objects.get().api_addresses == ["203.0.113.0/24"])
    assert asks(desk, r) == 403
    page.goto(f"{desk}/admin/accounts/helpdesksettings/1/change/")
    listed.fill("")
    page.get_by_role("button", name="Save").first.click()
    until(lambda: HelpdeskSettings.objects.get().api_addresses == [])
    assert asks(desk, r) == 200
