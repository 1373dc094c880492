"""A list of a hundred rows costs as many queries as a list of one, whatever is included."""

from __future__ import annotations

import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Team
from tests.factories import (
    AgentFactory,
    ContactFactory,
    OrganizationFactory,
    TagFactory,
    TeamFactory,
    at_the_web,
    role,
    ticket,
)
from tests.robot import robot
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Channel, TagGroup, Template

pytestmark = pytest.mark.django_db


def one_of_everything(n: int, alice: Agent, support: Team) -> None:
    team = TeamFactory(name=f"Team no. {n}")
    AgentFactory(name=f"Agent no. {n}", teams=[support, team], role=role(f"Role no. {n}"))
    contact = ContactFactory(organization=OrganizationFactory())
    TagFactory(name=f"tag no. {n}", group=TagGroup.objects.create(name=f"Group no. {n}"))
    Channel.objects.create(name=f"Channel no. {n}", default_team=team)
    Template.objects.create(name="Hi", body="Hi", sharing="team", team=support, owner=alice)
    case = ticket(contact=contact, team=support, assignee=alice)
    file = actions.File("a.txt", "text/plain", base64.b64encode(b"x"))
    actor = at_the_web(alice)
    actions.note(case, body=Body.from_markdown("Hm."), attachments=[file], actor=actor)
    actions.reply(case, body=Body.from_markdown("Yes."), attachments=[file], actor=actor)


PATHS = (
    "/organizations",
    "/teams?include=agents",
    "/roles",
    "/agents?include=teams",
    "/contacts?include=organization",
    "/channels?include=default_team",
    "/tags?include=group",
    "/tag_groups?include=tags",
    "/templates?include=team,owner",
    "/notes?include=ticket",
    "/messages?include=ticket",
    "/attachments",
)


def test_the_number_of_queries_does_not_grow_with_rows(alice: Agent, support: Team) -> None:
    r = robot(alice)

    def queries(path: str, query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = r.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code == 200, answer.content
        assert answer.json()["data"], path
        return len(captured)

    asked = [(path, f"per_page=100&sort=-id{more}") for path in PATHS for more in ("", "&cursor=")]
    one_of_everything(0, alice, support)
    few = {one: queries(*one) for one in asked}
    for n in range(1, 100):
        one_of_everything(n, alice, support)
    assert {one: queries(*one) for one in asked} == few


def test_a_list_costs_two_statements_and_one_for_each_kind_that_is_included(
    alice: Agent, support: Team
) -> None:
    one_of_everything(0, alice, support)
    r, of_its_key = robot(alice), 3
    for path, included in (("/tickets", 0), ("/tickets?include=contact,assignee", 2), ("/teams", 0)):
        with CaptureQueriesContext(connection) as captured:
            assert r.get(path).json()["data"]
        assert len(captured) == of_its_key + 2 + included, path
