"""`/tag_groups`, and the one group that a tag can be in."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from activity.models import Event
from tests.cast import sign_in
from tests.factories import TagFactory
from tests.robot import reason, robot
from tickets.models import Tag, TagGroup

pytestmark = pytest.mark.django_db


def test_tags_are_put_into_a_group_and_out_again(root: Agent) -> None:
    r = robot(root)
    group = r.post("/tag_groups", {"name": "Refunds"}).json()["data"]
    tag = r.post("/tags", {"name": "late", "group": "refunds"}).json()["data"]
    assert (group["tags"], tag["group"]) == ([], group["id"])
    other = TagFactory(name="broken")
    assert r.patch(f"/tags/{other.pk}", {"group": group["id"]}).json()["data"]["group"] == group["id"]
    answer = r.get(f"/tag_groups/{group['id']}?include=tags").json()
    assert answer["data"]["tags"] == sorted([tag["id"], other.pk])
    assert answer["linked"]["tag"][str(other.pk)]["name"] == "broken"
    assert [row["name"] for row in r.get(f"/tags?group={group['id']}&sort=name").json()["data"]] == [
        "broken",
        "late",
    ]
    assert r.patch(f"/tags/{other.pk}", {"group": None, "name": "Broken Box"}).json()["data"] == {
        "id": other.pk, "name": "broken box", "group": None,
    }  # fmt: skip
    assert [row["id"] for row in r.get("/tags?group=none").json()["data"]] == [other.pk]
    grouped = Event.objects.filter(type="tag.grouped", subject_id=other.pk)
    assert [event.changes["group"][1] for event in grouped.order_by("id")] == [
        {"id": group["id"], "name": "Refunds"}, None,
    ]  # fmt: skip


def test_a_group_is_renamed_and_deleted_and_its_tags_stay(root: Agent) -> None:
    group = TagGroup.objects.create(name="Refunds")
    tag = TagFactory(name="late", group=group)
    r = robot(root)
    assert r.patch(f"/tag_groups/{group.pk}", {"name": "Money back"}).json()["data"]["name"] == "Money back"
    assert r.delete(f"/tag_groups/{group.pk}").status_code == 204
    tag.refresh_from_db()
    assert tag.group is None


def test_a_name_is_taken_once(root: Agent) -> None:
    group = TagGroup.objects.create(name="Refunds")
    answer = robot(root).post("/tag_groups", {"name": "Refunds"})
    assert (answer.status_code, answer.json()["error"]["existing"]) == (409, group.pk)


def test_an_everyday_agent_uses_groups_and_makes_none(alice: Agent) -> None:
    TagGroup.objects.create(name="Refunds")
    r = robot(alice)
    assert r.post("/tags", {"name": "late", "group": "Refunds"}).status_code == 201
    assert reason(r.post("/tag_groups", {"name": "Mine"})) == "agent_permission"


def test_a_key_without_the_scope_is_linked_no_groups(alice: Agent) -> None:
    TagFactory(name="late", group=TagGroup.objects.create(name="Refunds"))
    r = robot(alice, access_level="custom", scopes=["tags:read"])
    assert not r.get("/tags?include=group").json()["linked"]["tag_group"]
    assert reason(r.get("/tag_groups")) == "insufficient_scope"


def test_root_groups_tags_in_the_admin(root: Agent) -> None:
    browser = sign_in(root)
    browser.post("/admin/tickets/taggroup/add/", {"name": "Refunds"})
    group = TagGroup.objects.get()
    browser.post("/admin/tickets/tag/add/", {"name": "Late", "group": group.pk})
    tag = Tag.objects.get()
    assert (tag.name, tag.group) == ("late", group)
    assert "late" in browser.get("/admin/tickets/taggroup/").content.decode()
    browser.post(f"/admin/tickets/tag/{tag.pk}/change/", {"name": "late", "group": ""})
    tag.refresh_from_db()
    assert tag.group is None
    assert Event.objects.filter(type="tag.grouped").exists()
