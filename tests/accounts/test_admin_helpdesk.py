"""Root names the helpdesk, chooses its plan, and decides whether programs come in."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent, HelpdeskSettings
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, role
from tests.robot import reason, robot

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/helpdesksettings/"
PAGE = f"{LIST}1/change/"
SHUT = {"name": "Flower desk", "plan": "standard", "plans_with_api": ["enterprise"], "enterprise_rate": 500}


def page_of(agent: Agent, path: str = PAGE) -> str:
    answer = sign_in(agent).get(path, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def keeper(*rights: str) -> Agent:
    return AgentFactory(name="Kim", role=role("Settings", permissions=rights, enters_admin=True))


def test_root_shuts_the_api_by_the_plan_and_opens_it_by_a_trial(root: Agent, alice: Agent) -> None:
    r, client = robot(alice), sign_in(root)
    assert "The API is shut" not in page_of(root, "/admin/")
    assert client.post(PAGE, SHUT).status_code == 302
    assert reason(r.get("/me")) == "plan_required"
    assert "The API is shut" in page_of(root, "/admin/")
    assert "Start the 7-day trial" in page_of(root)
    client.post(f"{LIST}trial/")
    answer = r.get("/me")
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (200, "60")
    assert "the trial runs until" in page_of(root)
    assert "Start the 7-day trial" not in page_of(root)
    assert "The API is shut" not in page_of(root, "/admin/")
    assert [e.type for e in Event.objects.filter(subject_type="helpdesksettings").order_by("pk")] == [
        "helpdesksettings.changed",
        "helpdesksettings.trial_started",
    ]


def test_the_plan_decides_the_rate_on_the_next_request(root: Agent, alice: Agent) -> None:
    r, client = robot(alice), sign_in(root)
    for changes, limit in (({"plan": "enterprise"}, "500"), ({"plan": "professional"}, "300")):
        client.post(PAGE, SHUT | {"plans_with_api": ["professional", "enterprise"]} | changes)
        assert r.get("/me").headers["X-RateLimit-Limit"] == limit
    assert r.get("/helpdesk/discover").json()["data"]["name"] == "Flower desk"


def test_there_is_one_trial(root: Agent, alice: Agent) -> None:
    client, r = sign_in(root), robot(alice)
    told = html.unescape(client.post(f"{LIST}trial/", follow=True).content.decode())
    assert "The plan includes the API already" in told
    started = timezone.now() - timedelta(days=8)
    HelpdeskSettings.objects.update(plan="standard", plans_with_api=[], trial_started_at=started)
    assert "the trial ended on" in page_of(root)
    assert "Start the 7-day trial" not in page_of(root)
    told = html.unescape(client.post(f"{LIST}trial/", follow=True).content.decode())
    assert "Change the plan" in told
    assert reason(r.get("/me")) == "plan_required"


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"plan": "free"}, {"plans_with_api": ["free"]}, {"enterprise_rate": 0}]
)
def test_what_makes_no_sense_is_not_saved(wrong: dict[str, Any], root: Agent) -> None:
    answer = sign_in(root).post(PAGE, SHUT | wrong)
    assert (answer.status_code, "One thing needs your attention" in answer.content.decode()) == (200, True)
    assert HelpdeskSettings.objects.get().name == "Helpdesk"


def test_who_may_only_read_settings_changes_nothing(alice: Agent) -> None:
    HelpdeskSettings.objects.update(plan="standard", plans_with_api=["enterprise"])
    reader = keeper("settings:read")
    page = page_of(reader)
    assert "Enterprise" in page
    assert 'name="plan"' not in page
    assert "Start the 7-day trial" not in page
    assert "Change the plan, or start a trial" not in page_of(reader, "/admin/")
    client = sign_in(reader)
    assert client.post(PAGE, SHUT).status_code == 403
    client.post(f"{LIST}trial/")
    desk = HelpdeskSettings.objects.get()
    assert (desk.name, desk.trial_started_at) == ("Helpdesk", None)


def test_who_holds_the_right_to_settings_needs_no_other(alice: Agent) -> None:
    client = sign_in(keeper("settings:read", "settings:write"))
    assert client.post(PAGE, SHUT).status_code == 302
    assert HelpdeskSettings.objects.get().name == "Flower desk"


def test_there_is_one_row_and_it_stays(root: Agent) -> None:
    client = sign_in(root)
    assert client.get(LIST)["Location"] == PAGE
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}1/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}trial/").status_code == 405
    assert sign_in(keeper("teams:read")).get(LIST).status_code == 403


def test_programs_are_let_in_only_from_addresses_that_both_lists_admit(root: Agent, alice: Agent) -> None:
    client, anywhere, office = (
        sign_in(root),
        robot(alice),
        robot(alice, addresses=["192.0.2.0/24", "127.0.0.1"]),
    )
    form = {
        "name": "Helpdesk",
        "plan": "enterprise",
        "plans_with_api": ["enterprise"],
        "enterprise_rate": 1000,
    }
    page = client.get(PAGE).content.decode()
    assert "You are at 127.0.0.1 now." in page

    shut = client.post(PAGE, form | {"api_addresses": "192.0.2.7\n203.0.113.0/24"})
    assert "Your own address, 127.0.0.1, is not among these." in html.unescape(shut.content.decode())
    assert anywhere.get("/me").status_code == 200
    wrong = client.post(PAGE, form | {"api_addresses": "203.0.113.1/24", "shut_out": "on"})
    assert "Did you mean 203.0.113.0/24?" in html.unescape(wrong.content.decode())

    sure = form | {"api_addresses": "192.0.2.7\n203.0.113.0/24", "shut_out": "on"}
    assert client.post(PAGE, sure).status_code == 302
    refused = anywhere.get("/me")
    assert (refused.status_code, reason(refused)) == (403, "ip_not_allowed")
    error = refused.json()["error"]
    assert (error["address"], error["address_list"], error["decided_by"]) == (
        "127.0.0.1",
        "helpdesk",
        "address",
    )
    assert office.get("/me").json()["error"]["address_list"] == "helpdesk"
    assert (
        client.post(PAGE, form | {"name": "Desk", "api_addresses": sure["api_addresses"]}).status_code == 302
    )
    assert client.get("/admin/").status_code == 200  # People sign in from anywhere.

    client.post(PAGE, form | {"api_addresses": "127.0.0.0/8"})
    assert anywhere.get("/me").json()["data"]["key"]["ip_restricted"] is True
    assert office.get("/me").status_code == 200
    event = Event.objects.filter(type="helpdesksettings.changed").latest("pk")
    assert event.changes["api_addresses"] == [["192.0.2.7", "203.0.113.0/24"], ["127.0.0.0/8"]]
