"""Triggers: what happens in a ticket is answered by the helpdesk itself, once, explained, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Agent, Contact, Notification, Team
from activity.models import Event
from automations.actions import count_hours
from automations.models import Trigger, TriggerRun
from tests.cast import sign_in
from tests.factories import TagFactory, at_the_web, ticket
from tests.robot import Robot, robot
from tests.tasks import do_queued
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Category, Priority, Status, Template, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(root: Agent) -> Robot:
    return robot(root, name="Set-up", admin_functions=True)


def made(admin: Robot, **fields: Any) -> Trigger:
    answer = admin.post(
        "/triggers", {"name": "A rule", "steps": [{"do": "priority", "value": "urgent"}], **fields}
    )
    assert answer.status_code == 201, answer.content
    return Trigger.objects.get(pk=answer.json()["data"]["id"])


def tags(case: Ticket) -> set[str]:
    return set(case.tags.values_list("name", flat=True))


def test_a_trigger_knows_which_key_made_the_change(admin: Robot, alice: Agent, carol: Contact) -> None:
    TagFactory(name="from the crm")
    made(
        admin,
        name="What the CRM touches",
        occasions=["changed", "opened", "program_replied"],
        condition='via:"crm SYNC" -by:contact',
        steps=[{"do": "add_tags", "value": ["from the crm"]}],
    )
    crm, shop = robot(alice, name="CRM sync"), robot(alice, name="Shop")
    touched, other = ticket(contact=carol), ticket(contact=carol)
    assert crm.patch(f"/tickets/{touched.pk}", {"priority": "high"}).status_code == 200
    assert shop.patch(f"/tickets/{other.pk}", {"priority": "high"}).status_code == 200
    do_queued(twice=True)
    assert tags(touched) == {"from the crm"}
    assert tags(other) == set()
    # Once, whatever worker died when; and history says who did it and why.
    (run,) = TriggerRun.objects.all()
    event = Event.objects.get(type="ticket.tagged")
    assert event.facts["automation"]["name"] == "What the CRM touches"
    assert event.cause is not None
    assert event.cause.key_name == "CRM sync"
    assert (run.outcome, run.event_id) == ("done", event.cause_id)


def test_what_a_step_refuses_undoes_the_run_and_in_the_end_switches_the_trigger_off(
    admin: Robot, root: Agent, alice: Agent
) -> None:
    TagFactory(name="waits")
    steps = [{"do": "add_tags", "value": ["waits"]}, {"do": "snooze", "value": 4}]
    trigger = made(admin, occasions=["changed"], properties=["priority"], steps=steps)
    agent = robot(alice)
    solved = ticket(status=Status.objects.of(Category.SOLVED))
    for priority in ("high", "low", "high", "low", "high"):
        agent.post(f"/tickets/{solved.pk}/priority", {"priority": priority})
    agent.post(f"/tickets/{solved.pk}/subject", {"subject": "Another one"})  # Not what it was asked about.
    do_queued(twice=True)
    runs = admin.get(f"/triggers/{trigger.pk}/runs?include=ticket").json()
    assert [run["outcome"] for run in runs["data"]] == ["failed"] * 5
    assert (
        "Step 2 (Snooze for 4 hours): A solved or closed ticket waits for nothing"
        in runs["data"][0]["problem"]
    )
    assert tags(solved) == set()
    trigger.refresh_from_db()
    assert not trigger.active
    assert "5 times in a row" in trigger.switched_off_because
    told = Notification.objects.get(kind="trigger_switched_off")
    assert told.agent == root
    assert told.subject_label == trigger.name
    # Mended and switched on again, it starts afresh.
    answer = admin.patch(f"/triggers/{trigger.pk}", {"active": True, "condition": "status:open"})
    assert (answer.json()["data"]["failures"], answer.json()["data"]["switched_off_because"]) == (0, "")


def test_triggers_that_answer_each_other_stop_and_the_ticket_says_why(admin: Robot, alice: Agent) -> None:
    for here, there in (("high", "urgent"), ("urgent", "high")):
        made(
            admin,
            name=f"{here} is {there}",
            occasions=["changed"],
            condition=f"changed:priority to:{here}",
            steps=[{"do": "priority", "value": there}],
        )
    case = ticket()
    robot(alice).post(f"/tickets/{case.pk}/priority", {"priority": "high"})
    do_queued(twice=True)
    changes = Event.objects.about(case).filter(type="ticket.priority_changed").order_by("id")
    by = [event.facts.get("automation", {}).get("name") for event in changes]
    assert by == [
        None,
        "high is urgent",
        "urgent is high",
        "high is urgent",
        "urgent is high",
        "high is urgent",
    ]
    assert Event.objects.get(type="ticket.automation_stopped").facts["reason"] == "depth"
    page = sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert "The trigger “high is urgent” set the priority to Urgent" in page
    assert (
        "The trigger “urgent is high” was not run here: too many triggers in a row answered each other"
        in page
    )


def test_a_program_outside_that_undoes_what_a_trigger_does_uses_up_the_ticket_s_hour(
    admin: Robot, alice: Agent
) -> None:
    TagFactory(name="vip")
    made(
        admin,
        name="Always a VIP",
        occasions=["changed"],
        condition="via:Stubborn -tag:vip",
        steps=[{"do": "add_tags", "value": ["vip"]}, {"do": "note", "value": "Again {{ticket.subject}}"}],
    )
    stubborn, case = robot(alice, name="Stubborn"), ticket()
    for _round in range(17):
        stubborn.post(f"/tickets/{case.pk}/tags", {"tags": ["vip"]})
        stubborn.post(f"/tickets/{case.pk}/tags", {"tags": []})
        do_queued()
    assert case.messages.filter(kind="note").count() == 15  # 30 steps.
    assert Event.objects.filter(type="ticket.automation_stopped", facts__reason="budget").count() == 1
    assert TriggerRun.objects.filter(outcome="stopped").exists()


def passed(case: Ticket, hours: float) -> None:
    """Everything that happened to the ticket so far happened that much earlier."""
    Event.objects.about(case).update(at=F("at") - timedelta(hours=hours))


def test_hours_are_counted_once_for_each_stretch_and_made_up_for_after_downtime(
    admin: Robot, alice: Agent, carol: Contact
) -> None:
    old = ticket(contact=carol)
    passed(old, 30)
    trigger = made(
        admin,
        name="Nobody answered for a day",
        clock="contact_wrote",
        hours=24,
        condition="is:unreplied",
        steps=[{"do": "priority", "value": "urgent"}, {"do": "notify", "value": {"agents": [alice.email]}}],
    )
    late, answered, fresh = ticket(contact=carol), ticket(contact=carol), ticket(contact=carol)
    robot(alice).post(f"/tickets/{answered.pk}/reply", {"body": "Soon."})
    Trigger.objects.update(counted_to=timezone.now() - timedelta(hours=25))
    for case in (late, answered):
        passed(case, 24.5)
    passed(fresh, 23)
    for _again in range(2):
        count_hours()
    assert urgent() == {late.pk}  # What was overdue before the trigger was made is left alone.
    assert list(Notification.objects.values_list("kind", "subject_id")) == [("trigger", late.pk)]
    # Another message begins another stretch, in place of the one before.
    Ticket.objects.update(priority=Priority.NORMAL)
    robot(alice).post(f"/tickets/{late.pk}/reply", {"body": "Hello?", "author": "contact"})
    trigger.refresh_from_db()
    assert trigger.counted_to is not None
    Trigger.objects.update(counted_to=timezone.now() - timedelta(hours=24))
    count_hours()
    assert urgent() == set()
    passed(late, 25)
    Trigger.objects.update(counted_to=timezone.now() - timedelta(hours=28))
    for _again in range(2):
        count_hours()
    assert urgent() == {late.pk}
    assert TriggerRun.objects.filter(ticket=late).count() == 2


def urgent() -> set[int]:
    return set(Ticket.objects.filter(priority=Priority.URGENT).values_list("pk", flat=True))


def test_a_reply_of_the_helpdesk_itself_is_no_first_reply_and_names_no_agent(
    admin: Robot, alice: Agent, carol: Contact, support: Team
) -> None:
    Template.objects.create(name="We have it", body="Hello {{contact.name}}, we have #{{ticket.number}}.")
    Template.objects.create(name="In person", body="Hello, {{agent.first_name}}")
    refused = admin.post(
        "/triggers", {"name": "X", "occasions": ["opened"], "steps": [{"do": "reply", "value": "In person"}]}
    )
    assert refused.status_code == 422
    assert "names the agent who writes" in refused.content.decode()
    steps = [
        {"do": "reply", "value": "We have it"},
        {"do": "team", "value": "Support"},
        {"do": "assign", "value": "me"},
        {"do": "follow", "value": alice.email},
    ]
    made(admin, name="Say that it arrived", occasions=["opened"], condition="by:program", steps=steps)
    sent = robot(alice, name="Web form").post(
        "/tickets", {"subject": "Help", "message": "It broke.", "contact": "carol@customer.example"}
    )
    case = Ticket.objects.get(pk=sent.json()["data"]["id"])
    do_queued(twice=True)
    case.refresh_from_db()
    said = case.messages.get(direction="out")
    assert said.body_text == f"Hello Carol, we have #{case.pk}."
    assert (said.agent, case.first_replied_at, case.team, case.assignee) == (None, None, support, alice)
    assert list(case.followers.all()) == [alice]
    page = sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    assert "The trigger “Say that it arrived” replied" in page
    why = page[page.index("Why is this here?") :]
    assert "The trigger “Say that it arrived” moved the ticket to the team Support" in why


def test_an_import_is_quiet_and_who_wrote_is_told_apart(admin: Robot, alice: Agent, carol: Contact) -> None:
    wanted = {
        "opened": "by:helpdesk",
        "contact_replied": "by:contact",
        "agent_replied": "by:alice@desk.example",
    }
    for occasion, condition in wanted.items():
        TagFactory(name=occasion)
        made(
            admin,
            name=occasion,
            occasions=[occasion],
            condition=f"{condition} (door:web OR -door:web)",
            steps=[{"do": "add_tags", "value": [occasion]}],
        )
    case = ticket(contact=carol)
    actions.reply(case, body=Body.from_markdown("Hello"), actor=at_the_web(alice))
    robot(alice).post(f"/tickets/{case.pk}/reply", {"body": "By a program."})
    do_queued()
    assert tags(case) == {"opened", "agent_replied"}
    for broken, why in (
        ("by:nobody@desk.example", "There is no agent"),
        ("via:>3", "cannot be compared"),
        ("status:opne", "There is no status"),
        ("changed:nothing", "Nothing of this name changes"),
    ):
        answer = admin.post(
            "/triggers",
            {
                "name": "B",
                "occasions": ["opened"],
                "condition": broken,
                "steps": [{"do": "snooze", "value": 1}],
            },
        )
        assert (answer.status_code, why in answer.content.decode()) == (422, True), answer.content
