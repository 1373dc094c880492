"""Who enters the admin, and what each finds there."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts.models import Agent
from accounts.permissions import Permission
from helpdesk.admin_site import MENU
from tests.cast import sign_in
from tests.factories import AgentFactory, OrganizationFactory, TagFactory, role, ticket
from tests.robot import robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def menu_of(agent: Agent) -> list[str]:
    page = sign_in(agent).get("/admin/")
    return [item["name"] for group in page.context["menu"] for item in group["pages"]]


def test_root_finds_every_page_in_the_menu(root: Agent) -> None:
    assert menu_of(root) == [
        "tickets", "orders", "events", "API keys", "OAuth applications", "webhooks", "agents", "roles", "teams",
        "contacts", "organizations", "channels", "statuses", "tags", "tag groups", "templates", "saved views", "macros",
        "triggers", "SLA policies", "business hours", "custom fields", "helpdesk settings",
    ]  # fmt: skip


def test_the_menu_lists_every_page_there_is() -> None:
    listed = {label for _name, labels in MENU for label in labels}
    assert {model._meta.label for model in admin.site._registry} == listed


def test_alice_whose_role_stays_outside_is_turned_away(alice: Agent) -> None:
    answer = sign_in(alice).get("/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_stranger_is_asked_to_sign_in_first(client: Client) -> None:
    answer = client.get("/admin/accounts/agent/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/accounts/agent/")


def test_a_service_agent_never_enters_whatever_its_role(db: None) -> None:
    machine = AgentFactory(name="Machine", kind="service", role=role("Administrator"))
    assert sign_in(machine).get("/admin/").status_code == 302


def test_each_finds_only_what_the_role_allows(db: None) -> None:
    lena = AgentFactory(
        name="Lena", role=role("Lead", permissions=["teams:read", "tags:write"], enters_admin=True)
    )
    assert menu_of(lena) == ["teams", "tags"]
    assert sign_in(lena).get("/admin/accounts/agent/").status_code == 403


def test_a_role_without_rights_is_told_so(db: None) -> None:
    empty = AgentFactory(name="Empty", role=role("Empty", enters_admin=True))
    assert "has no right to anything" in sign_in(empty).get("/admin/").content.decode()


def links_of(agent: Agent) -> set[str]:
    """Every page of the admin that can be reached by following links from its home. Each has to answer."""
    client, seen, waiting = sign_in(agent), set[str](), ["/admin/"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        answer = client.get(page, follow=True)
        assert answer.status_code == 200, page
        links = set(re.findall(r'href="(/admin/[^"#?]*)"', answer.content.decode()))
        waiting += sorted(links - seen - set(waiting))
    return seen


def test_no_link_leads_root_nowhere(root: Agent, alice: Agent) -> None:
    ticket(), robot(alice), OrganizationFactory(), TagFactory()
    pages = links_of(root)
    assert {reverse("admin:apitokens_apikey_add"), f"/admin/accounts/agent/{alice.pk}/link/"} <= pages


def test_who_may_only_look_is_led_to_nothing_that_he_may_not_do(alice: Agent) -> None:
    ticket(), robot(alice), OrganizationFactory(), TagFactory()
    rights = [p for p in Permission if p.action == "read"]
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=rights, enters_admin=True))
    robot(reader, name="Mine")
    pages = links_of(reader)
    assert [page for page in pages if re.search("/(add|delete|revoke|regenerate|link)/$", page)] == []
    assert len(pages) > 30


@pytest.mark.parametrize(
    "right", [p for p in Permission if p.action == "read" and p.resource not in {"messages", "notes"}]
)
def test_one_right_alone_opens_pages_that_work(right: Permission, alice: Agent) -> None:
    ticket(), OrganizationFactory(), TagFactory()
    links_of(AgentFactory(name="Reader", role=role("Reader", permissions=[right], enters_admin=True)))


def test_the_admin_leads_back_to_the_workspace(root: Agent) -> None:
    assert 'href="/"' in sign_in(root).get("/admin/").content.decode()


def test_the_policy_for_scripts_is_as_strict_as_elsewhere(root: Agent) -> None:
    client = sign_in(root)
    policy = client.get("/admin/accounts/role/add/")["Content-Security-Policy"]
    assert policy == client.get("/sign-in/")["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_there_is_no_side_door_to_rows(root: Agent) -> None:
    row, client = ticket(), sign_in(root)
    kind = ContentType.objects.get_for_model(Ticket).pk
    assert client.get(f"/admin/r/{kind}/{row.pk}/").status_code == 404
    query = "app_label=tickets&model_name=message&field_name=ticket"
    assert client.get(f"/admin/autocomplete/?{query}").status_code == 404
    assert client.get("/admin/search/?s=ticket").status_code == 404


def test_the_pages_of_other_packages_are_not_offered(root: Agent) -> None:
    for page in ("auth/group", "procrastinate/procrastinatejob", "sessions/session"):
        assert sign_in(root).get(f"/admin/{page}/").status_code == 404
