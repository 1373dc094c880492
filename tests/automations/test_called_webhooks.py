"""A trigger calls a webhook: the ticket says so, the receiver hears what its owner may; what is off is explained."""

from __future__ import annotations

from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from accounts.models import Agent, Contact, Notification
from activity.actor import system_actor
from activity.models import Event
from apitokens.actions import edit_key
from automations import outbox
from automations.actions import rehearse
from automations.models import Delivery, State, Trigger, TriggerRun, Webhook
from tests.automations.receiver import Receiver, answering
from tests.cast import sign_in
from tests.factories import ticket
from tests.robot import Robot, robot
from tests.tasks import do_queued
from tickets.models import Priority

pytestmark = pytest.mark.django_db

TRIGGERS = "/admin/automations/trigger/"
URGENT = {"do": "priority", "value": "urgent"}


@pytest.fixture
def admin(root: Agent) -> Robot:
    return robot(root, name="Set-up", admin_functions=True)


def pager(admin: Robot, ear: Receiver, **fields: Any) -> tuple[Webhook, str]:
    """A webhook that chose no event itself, and its secret."""
    made = admin.post("/webhooks", {"name": "Pager", "url": ear.url("/pager"), "types": [], **fields})
    assert made.status_code == 201, made.content
    told = made.json()["data"]
    return Webhook.objects.get(pk=told["id"]), told["secret"]


def trigger(admin: Robot, **fields: Any) -> Trigger:
    given = {"name": "Wake somebody", "steps": [URGENT, {"do": "webhook", "value": "Pager"}], **fields}
    made = admin.post("/triggers", given)
    assert made.status_code == 201, made.content
    return Trigger.objects.get(pk=made.json()["data"]["id"])


def work(*, twice: bool = False) -> None:
    """Workers run the triggers, and send what these want to be sent."""
    do_queued(twice=twice)
    outbox.wake()
    do_queued()


def test_the_receiver_is_told_once_what_happened_and_the_ticket_says_so(
    ear: Receiver, admin: Robot, root: Agent, alice: Agent, carol: Contact
) -> None:
    crm = robot(alice, name="CRM sync")
    webhook, secret = pager(admin, ear, key=crm.key.pk)
    everything = robot(root, name="Archive", admin_functions=True)
    admin.post(
        "/webhooks", {"name": "Archive", "url": ear.url("/all"), "types": ["*"], "key": everything.key.pk}
    )
    rule = trigger(admin, occasions=["contact_replied"])
    case = ticket(contact=carol)
    crm.post(f"/tickets/{case.pk}/reply", {"body": "It is on fire!", "author": "contact"})
    seen = rehearse(rule, case, Event.objects.get(type="ticket.message_received"))
    assert [event.type for event in seen.changes] == ["ticket.priority_changed", "ticket.webhook_called"]
    assert not webhook.deliveries.exists(), "A rehearsal calls nobody."
    work(twice=True)

    (got,) = ear.at("/pager")
    called = Event.objects.get(type="ticket.webhook_called")
    assert Verifier(secret).verify(got.body, got.headers) == got.json
    assert got.id == f"evt_{called.pk}_{webhook.pk}"
    said = got.json["data"]
    assert (said["event"]["type"], said["answered"]["type"]) == (called.type, "ticket.message_received")
    assert said["event"]["cause"] == said["answered"]["id"]
    assert said["event"]["facts"]["automation"]["name"] == "Wake somebody"
    assert (said["ticket"]["id"], said["ticket"]["priority"]) == (case.pk, "urgent")
    assert said["message"] == crm.get(f"/tickets/{case.pk}/messages").json()["data"][-1]
    assert [one.json["type"] for one in ear.at("/all")].count(called.type) == 1

    desk = sign_in(root)
    told = "The trigger “Wake somebody” called the webhook “Pager”"
    assert told in sign_in(alice).get(f"/tickets/{case.pk}/").content.decode()
    runs = desk.get(f"{TRIGGERS}{rule.pk}/runs/").content.decode()
    log = f"/admin/automations/webhook/{webhook.pk}/deliveries/{webhook.deliveries.get().pk}/"
    assert told in runs
    assert f'<a href="{log}">delivered</a>' in runs
    assert "Body of the answer" not in desk.get(log).content.decode()
    page = desk.get(f"/admin/automations/webhook/{webhook.pk}/overview/").content.decode()
    assert f'<a href="{TRIGGERS}{rule.pk}/change/">Wake somebody</a>' in page
    assert "it waits for triggers that call it" in page


def test_no_more_is_told_than_its_owner_may_read(
    ear: Receiver, admin: Robot, alice: Agent, carol: Contact
) -> None:
    narrow = robot(
        alice, name="Narrow", access_level="custom", scopes=["tickets:read", "events:read", "messages:read"]
    )
    webhook, _secret = pager(admin, ear, key=narrow.key.pk)
    rule = trigger(admin, occasions=["noted"], steps=[{"do": "webhook", "value": webhook.pk}])
    case = ticket(contact=carol)
    writer = robot(alice, name="Writer")
    writer.post(f"/tickets/{case.pk}/note", {"body": "Between us"})
    work()
    (got,) = ear.received
    assert got.json["data"]["answered"] is None
    assert "message" not in got.json["data"]
    assert b"Between us" not in got.body
    assert b"ticket.noted" not in got.body

    edit_key(narrow.key, scopes=["events:read"], actor=system_actor())
    writer.post(f"/tickets/{case.pk}/note", {"body": "Once more"})
    work()
    assert len(ear.received) == 1
    assert webhook.deliveries.get(state=State.WITHHELD).reason == "not_readable"
    assert TriggerRun.objects.filter(trigger=rule, outcome="done").count() == 2


def test_a_receiver_that_answers_by_changing_the_ticket_uses_up_its_hour(
    ear: Receiver, admin: Robot, alice: Agent
) -> None:
    pager(admin, ear)
    trigger(admin, occasions=["changed"], steps=[{"do": "webhook", "value": "Pager"}] * 10)
    case, bot = ticket(), robot(alice)
    for number in range(4):
        bot.post(f"/tickets/{case.pk}/subject", {"subject": f"Number {number}"})
    work()
    assert len(ear.received) == 30
    assert Event.objects.filter(type="ticket.automation_stopped", facts__reason="budget").count() == 1


def test_one_that_is_off_or_gone_is_explained_and_counts_as_failure(
    ear: Receiver, admin: Robot, root: Agent, alice: Agent
) -> None:
    ear.answers["/pager"] = answering(410)
    webhook, _secret = pager(admin, ear)
    rule = trigger(admin, occasions=["opened"])
    cases = [ticket()]
    work()
    assert not Webhook.objects.active().exists(), "Its receiver said that it is gone."
    for _again in range(5):
        cases.append(ticket())
        work()
    why = "Step 2: the webhook “Pager” is off. Switch it on, or choose another one."
    failed = TriggerRun.objects.filter(outcome="failed")
    assert set(failed.values_list("problem", flat=True)) == {why}
    for case in cases:
        case.refresh_from_db()
    assert [case.priority == Priority.URGENT for case in cases] == [True] + [False] * 5
    rule.refresh_from_db()
    assert not rule.active
    assert Notification.objects.filter(agent=root, kind="trigger_switched_off").exists()
    assert Delivery.objects.count() == 1

    # Each reads why in his own language; programs, and what is kept for all, in English.
    desk = sign_in(root)
    for language, said in (("de", "Schritt 2: der Webhook „Pager“ ist aus."), ("en", why)):
        Agent.objects.filter(pk=root.pk).update(language=language)
        for page in ("change", "runs"):
            assert said in desk.get(f"{TRIGGERS}{rule.pk}/{page}/").content.decode()
        assert said in desk.get("/notifications/").content.decode()
    assert why in rule.switched_off_because

    # Who mends it: not without the webhook, but a rule that is broken can be renamed and switched off.
    form = f"{TRIGGERS}{rule.pk}/change/"
    sent = {
        "name": "Later",
        "position": 0,
        "occasions": "opened",
        "steps-0-do": "webhook",
        "steps-0-value": webhook.pk,
    }
    assert "is off. Switch it on" in desk.post(form, {**sent, "active": "on"}).content.decode()
    asked = desk.get(f"/admin/automations/webhook/{webhook.pk}/delete/").content.decode()
    assert "The trigger Wake somebody calls it, and will fail." in asked
    assert admin.delete(f"/webhooks/{webhook.pk}").status_code == 204
    refused = admin.patch(f"/triggers/{rule.pk}", {"active": True})
    assert f"the webhook {webhook.pk} does not exist any more" in refused.content.decode()
    assert admin.patch(f"/triggers/{rule.pk}", {"name": "Later"}).status_code == 200
    seen = rehearse(rule, cases[0], Event.objects.about(cases[0]).filter(type="ticket.opened").get())
    assert "does not exist any more" in seen.problem

    # What only triggers do, no macro does.
    macro = robot(alice, name="Macros").post(
        "/macros", {"name": "M", "steps": [{"do": "webhook", "value": 1}], "sharing": "personal"}
    )
    assert macro.status_code == 422
