"""Admins say when they work and what they promise, in forms that answer in words."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Agent, Team
from activity.models import Event
from automations.models import BusinessHours, SlaPolicy
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, role, ticket
from tests.tasks import do_queued

pytestmark = pytest.mark.django_db

HOURS = "/admin/automations/businesshours"
POLICIES = "/admin/automations/slapolicy"
OFFICE = {"name": "Office", "time_zone": "Europe/Vienna"} | {
    f"week_{day}_{n}_{end}": ("09:00", "12:30", "13:30", "18:00")[2 * n + end]
    for day in range(5)
    for n in range(2)
    for end in range(2)
}
STANDARD = {
    "name": "Standard",
    "position": "1",
    "counting": "business",
    "warn_before": "30m",
    "is_active": "on",
}


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", answer.content.decode())))


def test_root_says_when_the_helpdesk_works(root: Agent, support: Team, billing: Team) -> None:
    client = sign_in(root)
    form = OFFICE | {
        "holidays": "12-25 Christmas\n2030-04-22  Easter Monday",
        "is_default": "on",
        "teams": support.pk,
    }
    # Its example is the next Friday, which may be Christmas.
    preview = said(client.post(f"{HOURS}/preview/", form | {"holidays": ""}))
    assert "Open 40h a week." in preview
    assert "A ticket that arrives Friday 16:00 and has 4 hours is due Monday 11:00." in preview
    assert client.post(f"{HOURS}/add/", form).status_code == 302
    office = BusinessHours.objects.get()
    assert office.week[:2] == [[["09:00", "12:30"], ["13:30", "18:00"]]] * 2
    assert office.week[5:] == [[], []]
    assert office.holidays == ["12-25 Christmas", "2030-04-22 Easter Monday"]
    page = client.get(f"{HOURS}/{office.pk}/change/").content.decode()
    assert 'name="week_0_1_0" value="13:30" aria-label="Monday, time 2, opens"' in page

    night = {
        "name": "Night",
        "time_zone": "UTC",
        "week_6_0_0": "22:00",
        "week_6_0_1": "0:00",
        "is_default": "on",
    }
    for fields, sentence in (
        (
            {"time_zone": "Mars/Olympus"},
            "There is no time zone “Mars/Olympus”. Write one like Europe/Vienna.",
        ),
        ({"week_6_0_1": ""}, "Sunday: say both when it opens and when it closes."),
        ({"week_6_0_0": "25:00"}, "“25:00” is no time of day. Write 09:00 or 17:30."),
        ({"week_6_0_1": "21:00"}, "22:00 to 21:00 is no time: let it end after it begins."),
        ({"week_6_1_0": "23:00", "week_6_1_1": "23:30"}, "At 23:00 it is open already."),
        ({"week_6_0_0": "", "week_6_0_1": ""}, "Open on one day at least: nothing would ever be due."),
        ({"holidays": "Christmas"}, "write 2026-04-06 Easter Monday, or 12-25 Christmas for every year."),
        ({"holidays": "2026-02-30 No day"}, "“2026-02-30 No day”: there is no such day."),
        ({"teams": support.pk}, "Support already has the hours “Office”. Take it out there first."),
    ):
        assert sentence in said(client.post(f"{HOURS}/add/", night | fields)), fields
    assert BusinessHours.objects.count() == 1
    assert client.post(f"{HOURS}/add/", night | {"teams": billing.pk}).status_code == 302
    made = BusinessHours.objects.get(name="Night")
    assert (made.week[6], made.is_default) == ([["22:00", "24:00"]], True)
    office.refresh_from_db()
    assert not office.is_default
    kinds = Event.objects.filter(subject_type="businesshours").order_by("id").values_list("type", flat=True)
    assert list(kinds) == ["businesshours.created", "businesshours.changed", "businesshours.created"]
    assert client.post(f"{HOURS}/{made.pk}/delete/", {"post": "yes"}).status_code == 302


def test_root_says_what_is_promised_and_a_ticket_of_each_team_is_due_by_its_hours(
    root: Agent, support: Team, billing: Team
) -> None:
    client = sign_in(root)
    form = STANDARD | {
        "first_response_normal": "4h",
        "resolution_urgent": "1h 30m",
        "resolution_low": "1000h",
    }
    assert "There are no business hours" in said(client.post(f"{POLICIES}/preview/", form))
    client.post(f"{HOURS}/add/", OFFICE | {"teams": support.pk, "is_default": "on"})
    preview = said(client.post(f"{POLICIES}/preview/", form))
    assert "Normal: First reply: Monday 11:00" in preview
    assert "Urgent: Solution: Friday 17:30" in preview
    assert "By the hours “Office”, unless the ticket’s team has its own." in preview
    TagFactory(name="vip")
    for fields, sentence in (
        (
            {"condition": "tag:none such"},
            "Policies go by what a ticket is, and not by its words or how it stands",
        ),
        ({"condition": "status:open"}, "(»status:open«)"),
        ({"condition": "tag:nosuch"}, "There is no tag “nosuch” that you may see."),
        ({"condition": "assignee:me"}, "Nobody is acting whom “me” could mean."),
        ({"first_response_normal": "soon"}, "“soon” is no length of time. Write 30m, 4h or 1h 30m."),
        ({"first_response_normal": "0m"}, "Choose a time from 1m to 1000h."),
        ({name: "" for name in form if "_" in name and name[-1] in "lwt"}, "Give at least one time"),
    ):
        answer = client.post(f"{POLICIES}/add/", form | fields)
        assert sentence in said(answer), fields
    assert not SlaPolicy.objects.exists()
    assert client.post(f"{POLICIES}/add/", form | {"condition": "-tag:vip"}).status_code == 302
    made = SlaPolicy.objects.get()
    assert (made.first_response_normal, made.resolution_urgent, made.resolution_low) == (240, 90, 60_000)
    page = client.get(f"{POLICIES}/{made.pk}/change/").content.decode()
    assert re.search(r'name="resolution_urgent" value="1h 30m"', page)

    one = ticket(team=support)
    do_queued()
    one.refresh_from_db()
    assert one.sla["policy"] == {"id": made.pk, "name": "Standard"}
    assert one.sla_due_at - one.created_at >= timedelta(hours=4)
    made.condition = "tag:gone"
    made.save()
    assert "tag:gone – There is no tag" in said(client.get(f"{POLICIES}/"))


def test_only_who_may_write_settings_does_and_who_may_read_them_looks(alice: Agent) -> None:
    rights = ["settings:read", "events:read"]
    lena = AgentFactory(name="Lena", role=role("Lead", permissions=rights, enters_admin=True))
    hours = BusinessHours.objects.create(name="Office", holidays=["12-25 Christmas"])
    made = SlaPolicy.objects.create(name="Standard", first_response_low=60)
    client = sign_in(lena)
    assert "12-25 Christmas" in said(client.get(f"{HOURS}/{hours.pk}/change/"))
    assert "Standard" in said(client.get(f"{POLICIES}/{made.pk}/change/"))
    for address in (f"{HOURS}/add/", f"{HOURS}/preview/", f"{POLICIES}/{made.pk}/preview/"):
        assert client.post(address, OFFICE).status_code == 403
    assert client.post(f"{POLICIES}/{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert sign_in(alice).get(f"{HOURS}/").status_code in {302, 403}
