"""A promise in a real browser: it counts down, stands still while the contact is waited for, and is broken."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import Agent, Contact
from activity.actor import system_actor
from automations.actions.sla import keep_policy
from automations.models import Counting, SlaPolicy
from tests.browser import barriers
from tests.desk import sign_in
from tests.factories import ticket
from tests.servers import StartServer
from tests.tasks import do_queued
from tickets import actions
from tickets.models import Category, Priority, Status, Ticket


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


def test_in_the_narrowest_list_the_clock_is_whole_and_the_status_is_cut(
    page: Page, start_server: StartServer, alice: Agent, carol: Contact
) -> None:
    promise = SlaPolicy(name="Standard", counting=Counting.CALENDAR, first_response_urgent=60)
    keep_policy(promise, actor=system_actor())
    waiting = Status.objects.create(name="Waiting for the warehouse", category=Category.OPEN)
    case = ticket("Where is it?", contact=carol, assignee=alice, priority=Priority.URGENT)
    Ticket.objects.filter(pk=case.pk).update(created_at=timezone.now() - timedelta(hours=3, minutes=50))
    actions.set_status(case, status=waiting, actor=system_actor())
    do_queued()
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, start_server().url, alice)
    row = page.locator(f"#row-{case.pk}")
    expect(row.locator(".clock")).to_have_text(re.compile("2 h 5. min overdue"))
    for part in (".clock", ".priority"):
        assert right(row.locator(part)) <= right(row.locator(".row-facts"))
    row.locator(".row-subject").hover()
    expect(row.locator(".row-subject")).to_have_attribute("title", "Waiting for the warehouse\nAlice")
    assert barriers(page) == []


def right(part: Locator) -> float:
    edge: float = part.evaluate("part => part.getBoundingClientRect().right")
    return edge
