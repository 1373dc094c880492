"""Macros: steps under one name, in the hand and with the rights of whoever applies them."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Agent, Contact, Role, Team
from activity.models import Event
from automations.models import Macro
from tests.cast import sign_in
from tests.factories import TagFactory, role, ticket
from tests.robot import Robot, reason, robot
from tests.tasks import ten_seconds_pass
from tickets.models import Draft, Sharing, Tag, Template, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(root: Agent) -> Robot:
    return robot(root, name="Set-up", admin_functions=True)


def made(author: Robot, *steps: tuple[str, Any], **fields: Any) -> Macro:
    listed = [{"do": do, "value": value} for do, value in steps]
    answer = author.post("/macros", {"name": "Refund", "sharing": "everyone", "steps": listed, **fields})
    assert answer.status_code == 201, answer.content
    return Macro.objects.get(pk=answer.json()["data"]["id"])


def test_a_macro_is_looked_at_then_applied_and_its_reply_can_be_taken_back(
    admin: Robot, alice: Agent, carol: Contact, support: Team
) -> None:
    TagFactory(name="refund")
    Template.objects.create(name="Sorry", body="Hello {{contact.name}}, sorry. {{agent.first_name}}")
    macro = made(
        admin,
        ("assign", "me"),
        ("add_tags", ["refund"]),
        ("reply", "Sorry"),
        ("status", "pending"),
        ("team", None),
    )
    case, client = ticket(contact=carol, team=support), sign_in(alice)
    assert (
        "Assign to whoever acts · Add the tag refund"
        in client.get(f"/tickets/{case.pk}/macros/").content.decode()
    )
    url, before = f"/tickets/{case.pk}/macros/{macro.pk}/", Event.objects.count()
    page = client.get(url, headers=HTMX).content.decode()
    assert "Alice took the ticket, by the macro “Refund”" in page
    assert "Hello Carol, sorry. Alice" in page
    case.refresh_from_db()
    assert (case.assignee, case.version, Event.objects.count()) == (
        None,
        1,
        before,
    )  # Nothing of it was done.

    assert client.post(url, {"apply": "1"}, headers=HTMX).status_code == 200
    case.refresh_from_db()
    assert (case.assignee, case.team, case.category) == (alice, None, "pending")
    assert case.messages.count() == 1  # Held, as from the composer.
    assert "already: the ticket stays as it is" not in client.get(url).content.decode()
    assert "You are writing in this ticket. Send that first" in client.get(url).content.decode()
    ten_seconds_pass()
    assert case.messages.latest("id").body_text == "Hello Carol, sorry. Alice"
    assert (
        "Alice added the tag refund, by the macro “Refund”"
        in client.get(f"/tickets/{case.pk}/").content.decode()
    )
    assert not Draft.objects.exists()


def test_all_steps_or_none_and_the_refusal_names_the_step(
    admin: Robot, alice: Agent, bob: Agent, billing: Team, support: Team
) -> None:
    macro = made(admin, ("priority", "urgent"), ("team", "Support"), ("note", "Look at {{ticket.number}}"))
    case = ticket(team=billing)
    answer = robot(bob).post(f"/tickets/{case.pk}/macro", {"macro": "refund"})
    assert answer.status_code == 422
    assert "Step 3: the ticket left your reach with an earlier step" in answer.content.decode()
    page = sign_in(bob).post(f"/tickets/{case.pk}/macros/{macro.pk}/", {"apply": "1"}, headers=HTMX)
    assert page.status_code == 422
    assert "Step 3: the ticket left your reach" in page.content.decode()
    case.refresh_from_db()
    assert (case.team, case.priority_word, case.version) == (billing, "normal", 1)
    # A key needs what each step needs, whatever macros it may read.
    narrow = robot(alice, access_level="custom", scopes=["tickets:read", "tickets:write", "macros:read"])
    answer = narrow.post(f"/tickets/{case.pk}/macro", {"macro": macro.pk})
    assert (reason(answer), answer.json()["error"]["required_scopes"]) == (
        "insufficient_scope",
        ["notes:write"],
    )
    denied = robot(alice, name="Not moving", tags=["*", "-tickets.move"])
    assert (
        denied.post(f"/tickets/{case.pk}/macro", {"macro": macro.pk}).json()["error"]["decided_by"] == "tag"
    )
    ok = robot(alice).post(f"/tickets/{case.pk}/macro", {"macro": macro.pk}, Prefer="dry-run")
    assert ok.json()["meta"]["dry_run"]
    assert robot(alice).post(f"/tickets/{case.pk}/macro", {"macro": macro.pk}).status_code == 200
    assert case.messages.latest("id").body_text == f"Look at {case.pk}"


def test_ten_tickets_at_once_from_the_list_or_the_palette_and_back_again(admin: Robot, alice: Agent) -> None:
    TagFactory(name="storm")
    macro = made(
        admin, ("add_tags", ["storm"]), ("priority", "high"), ("assign", "me"), name="After the storm"
    )
    tickets, client = [ticket(f"Roof {n}") for n in range(10)], sign_in(alice)
    chosen: dict[str, Any] = {"ticket": [one.pk for one in tickets]}
    asked = client.get("/bulk/", {"change": "macro", **chosen}).content.decode()
    assert "After the storm: Add the tag storm · Set the priority to High · Assign to whoever acts" in asked
    palette = client.get("/palette/", {"find": "macro sto", **chosen}).content.decode()
    assert "Macro: After the storm" in palette
    page = client.post("/bulk/", {"change": "macro", "value": macro.pk, **chosen}).content.decode()
    assert "<strong>10 tickets changed</strong>" in page
    assert {(t.priority_word, t.assignee) for t in Ticket.objects.all()} == {("high", alice)}
    assert Tag.objects.get(name="storm").tickets.count() == 10
    robot(alice).post(f"/tickets/{tickets[0].pk}/priority", {"priority": "low"})  # Something newer.
    job = re.search(r'name="job" value="([^"]+)"', page)
    assert job
    page = client.post("/bulk/on/", {"job": job[1], "undo": "1"}).content.decode()
    assert "<strong>9 tickets are as they were</strong>, 1 refused" in page
    assert {(t.priority_word, t.assignee) for t in Ticket.objects.exclude(pk=tickets[0].pk)} == {
        ("normal", None)
    }
    one = client.get(f"/palette/?find=macro&ticket={tickets[0].pk}").content.decode()
    assert f"/tickets/{tickets[0].pk}/macros/{macro.pk}/" in one


def test_what_one_ticket_got_is_taken_back_by_whoever_gave_it_and_only_where_nobody_changed_it_since(
    admin: Robot, alice: Agent, root: Agent
) -> None:
    TagFactory(name="refund")
    macro = made(admin, ("add_tags", ["refund"]), ("priority", "high"))
    case, other = ticket(), ticket()
    hers, his = sign_in(alice), sign_in(root)

    def applied() -> str:
        answer = hers.post(f"/tickets/{case.pk}/macros/{macro.pk}/", {"apply": "1"}, headers=HTMX)
        undo = json.loads(answer["HX-Trigger"])["said"]["undo"]
        assert undo["url"].startswith(f"/tickets/{case.pk}/macros/undo/")
        return str(undo["token"])

    def state() -> tuple[str, int]:
        now = Ticket.objects.get(pk=case.pk)
        return now.priority_word, now.tags.count()

    token = applied()
    for client, number in ((his, case.pk), (hers, other.pk)):
        assert client.post(f"/tickets/{number}/macros/undo/", {"token": token}).status_code == 400
    assert state() == ("high", 1)
    hers.post(f"/tickets/{case.pk}/macros/undo/", {"token": token}, headers=HTMX)
    assert state() == ("normal", 0)
    # All of it or nothing: somebody else set the priority since.
    token = applied()
    robot(root).post(f"/tickets/{case.pk}/priority", {"priority": "urgent"})
    answer = hers.post(f"/tickets/{case.pk}/macros/undo/", {"token": token}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["said"]["kind"] == "error"
    assert state() == ("urgent", 1)


def test_everybody_keeps_his_own_and_only_administrators_share(
    admin: Robot, alice: Agent, bob: Agent, support: Team
) -> None:
    client = sign_in(alice)
    form = {"name": "Mine", "steps-0-do": "follow", "steps-0-value": "me"}
    page = client.post("/settings/macros/new/", {**form, "steps-new": "note", "steps-press": "add"})
    assert page.status_code == 200
    assert not Macro.objects.exists()
    assert "Write an internal note" in page.content.decode()
    refused = client.post(
        "/settings/macros/new/", {**form, "steps-1-do": "add_tags", "steps-1-value": "lost"}
    )
    assert refused.status_code == 422
    assert "Step 2: There is no tag “lost”" in refused.content.decode()
    assert client.post("/settings/macros/new/", form).status_code == 302
    own = Macro.objects.get()
    assert (own.sharing, own.owner, own.steps) == ("personal", alice, [{"do": "follow", "value": "me"}])
    assert "Let whoever acts follow" in client.get("/settings/macros/").content.decode()
    assert sign_in(bob).get(f"/settings/macros/{own.pk}/").status_code == 404
    assert sign_in(bob).get(f"/tickets/{ticket(assignee=bob).pk}/macros/{own.pk}/").status_code == 404
    shared = robot(alice).patch(f"/macros/{own.pk}", {"sharing": "team", "team": "Support"})
    assert (shared.status_code, "only an administrator shares" in shared.content.decode()) == (422, True)
    theirs = made(admin, ("priority", "low"), sharing="team", team="Support")
    assert {row["id"] for row in robot(alice).get("/macros").json()["data"]} == {own.pk, theirs.pk}
    assert robot(bob).get("/macros").json()["data"] == []
    assert robot(alice).patch(f"/macros/{theirs.pk}", {"name": "X"}).status_code == 403
    notify = [{"do": "notify", "value": {"assignee": True}}]
    assert robot(alice).patch(f"/macros/{own.pk}", {"steps": notify}).status_code == 422
    assert client.post(f"/settings/macros/{own.pk}/delete/").status_code == 302
    assert not Macro.objects.filter(pk=own.pk).exists()


def test_what_a_step_names_and_is_gone_is_said_where_it_can_be_mended(
    admin: Robot, root: Agent, bob: Agent
) -> None:
    step: list[dict[str, Any]] = [
        {"do": "assign", "value": bob.pk},
        {"do": "add_tags", "value": [TagFactory(name="gone").pk]},
    ]
    macro = made(admin, *((one["do"], one["value"]) for one in step))
    trigger = {"name": "Bob’s", "occasions": ["changed"], "steps": step}
    assert admin.post("/triggers", trigger).status_code == 201
    Tag.objects.get(name="gone").delete()
    Agent.objects.filter(pk=bob.pk).update(is_active=False)
    client = sign_in(root)
    for page in ("trigger", "macro"):
        told = client.get(f"/admin/automations/{page}/").content.decode()
        assert "Step 1: Bob is no active person" in told
        assert "Step 2: the tag" in told
    case = ticket()
    answer = admin.post(f"/tickets/{case.pk}/macro", {"macro": macro.pk})
    assert "Step 1: Bob is no active person. Choose somebody else." in answer.content.decode()
    form = client.get(f"/admin/automations/macro/{macro.pk}/change/").content.decode()
    assert f"(gone: {bob.pk})" in form
    fields = {"name": "Refund", "sharing": Sharing.EVERYONE, "steps-0-do": "assign", "steps-0-value": bob.pk}
    kept = client.post(f"/admin/automations/macro/{macro.pk}/change/", fields)
    assert "Step 1: Bob is no active person" in kept.content.decode()


def test_roles_of_before_may_use_macros_as_far_as_they_use_templates() -> None:
    upgrade = import_module("accounts.migrations.0014_roles_may_use_macros")
    before = {
        "Everyday": ["templates:read", "templates:write", "templates:delete", "tickets:read"],
        "Reader": ["templates:read"],
        "Chosen": ["templates:read", "templates:write", "macros:read"],
        "Narrow": ["tickets:read"],
    }
    for name, rights in before.items():
        role(name, permissions=rights)
    for _twice in range(2):
        upgrade.let_those_who_use_templates_use_macros(apps, None)
    after = {
        one.name: {right for right in one.permissions if right.startswith("macros:")}
        for one in Role.objects.all()
    }
    assert after["Everyday"] == {"macros:read", "macros:write", "macros:delete"}
    assert after["Reader"] == after["Chosen"] == {"macros:read"}
    assert after["Narrow"] == set()
