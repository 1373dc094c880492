"""A promise in a real browser: it counts down, stands still while the contact is waited for, and is broken."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from accounts.models import Agent, Contact
from activity.actor import system_actor
from automations.actions.sla import keep_policy
from automations.models import Counting, SlaPolicy
from tests.browser import barriers
from tests.desk import sign_in
from tests.factories import ticket
from tests.servers import StartServer
from tests.tasks import do_queued


def test_alice_sees_a_clock_count_down_run_out_and_stand_still(
    page: Page, start_server: StartServer, alice: Agent, carol: Contact
) -> None:
    site = start_server().url
    promise = SlaPolicy(
        name="Standard", counting=Counting.CALENDAR, first_response_normal=60, resolution_normal=360
    )
    keep_policy(promise, actor=system_actor())
    case = ticket("Where is it?", contact=carol, assignee=alice)
    do_queued()
    page.clock.install()
    sign_in(page, site, alice, f"/tickets/{case.pk}/?view=mine")

    row = page.locator(f"#row-{case.pk} .clock")
    first, solution = page.locator("#panel .clock").first, page.locator("#panel .clock").last
    expect(row).to_have_text(re.compile(r"5\d min left"))
    expect(first).to_have_attribute("data-state", "running")
    expect(solution).to_have_text(re.compile(r"5 h 5\d min left"))
    expect(first).to_have_attribute("title", re.compile(r"First reply, Standard: 20\d\d-"))
    page.wait_for_load_state()  # From here on the clocks go by themselves.
    page.clock.fast_forward("40:00")
    expect(row).to_have_text(re.compile(r"1\d min left"))
    expect(row).to_have_attribute("data-state", "near_breach")
    assert barriers(page) == []
    page.clock.fast_forward("01:40:00")
    for clock in (row, first, page.locator("#ticket-head .clock")):
        expect(clock).to_have_text(re.compile(r"1 h \d+ min overdue"))
        expect(clock).to_have_attribute("data-state", "breached")
    expect(solution).to_have_text(re.compile(r"3 h 3\d min left"))
    assert barriers(page, dark_width=390) == []

    page.keyboard.press("s")
    page.get_by_role("button", name="Pending").press("Enter")
    for clock in (row, first, solution):
        expect(clock).to_have_text("paused")
