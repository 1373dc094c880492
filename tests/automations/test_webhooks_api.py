"""A program with admin functions makes webhooks of its own, and nobody tells through one what he may not read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from accounts.models import Agent
from activity.models import Event
from apitokens.models import ApiKey, DailyUse, UsedScope
from automations.models import Delivery, Webhook
from tests.automations.deliveries import deliver
from tests.automations.receiver import Receiver
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db

CRM = {"name": "CRM", "url": "https://hooks.example.com/helpdesk", "types": ["ticket.opened", "contact.*"]}


@pytest.fixture
def machine(root: Agent) -> Robot:
    return robot(root, name="Setup", admin_functions=True)


def test_made_told_rotated_and_deleted_by_a_program(machine: Robot, ear: Receiver) -> None:
    made = machine.post("/webhooks", CRM | {"url": ear.url()}, **{"Idempotency-Key": "one"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    hook = made.json()["data"]
    assert (hook["key"], hook["active"]) == (machine.key.pk, True)
    again = machine.post("/webhooks", CRM | {"url": ear.url()}, **{"Idempotency-Key": "one"}).json()
    assert (again["data"]["id"], again["data"]["secret"], again["meta"]["secret_withheld"]) == (
        hook["id"],
        None,
        True,
    )
    assert tables_holding(hook["secret"]) == []
    path = f"/webhooks/{hook['id']}"
    assert hook["secret"] not in machine.get(path).content.decode()

    ticket()
    test = machine.post(f"{path}/test").json()["data"]
    deliver()
    assert len(ear.received) == 2, "The ticket and the test."
    for got in ear.received:
        Verifier(hook["secret"]).verify(got.body, got.headers)
    shown = machine.get(f"/webhook_deliveries/{test['id']}").json()["data"]
    assert (shown["state"], shown["log"][0]["status"]) == ("delivered", 200)
    assert json.loads(shown["log"][0]["request_body"])["type"] == "test"
    listed = machine.get(f"{path}/deliveries?state=delivered&type=ticket.opened").json()["data"]
    event = Event.objects.get(type="ticket.opened")
    assert [(one["event"], one["webhook_id"]) for one in listed] == [
        (event.pk, f"evt_{event.pk}_{hook['id']}")
    ]
    machine.post(f"/webhook_deliveries/{listed[0]['id']}/redeliver")
    deliver()
    assert ear.received[-1].id == listed[0]["webhook_id"]

    new = machine.post(f"{path}/rotate", {"hours": 1}).json()["data"]
    assert new["secret"] != hook["secret"]
    assert new["two_secrets_until"]
    assert machine.post(f"{path}/rotate/end").json()["data"]["two_secrets_until"] is None
    assert machine.post(f"{path}/disable").json()["data"]["disabled_why"] == "by_hand"
    ticket("Missed")
    assert machine.post(f"{path}/enable", {"catch_up": True}).json()["data"]["active"] is True
    ear.received.clear()
    deliver()
    assert {got.json["type"] for got in ear.received} == {"ticket.opened"}
    assert machine.delete(path).status_code == 204
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://127.0.0.1:8000/"}, "url"),
        ({"url": "http://169.254.169.254/latest/"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "http://0x7f.1/"}, "url"),
        ({"url": "ftp://crm.example/"}, "url"),
        ({"url": "https://crm.example:22/"}, "url"),
        ({"types": ["tickets.*"]}, "types"),
        ({"types": ["ticket"]}, "types"),
        ({"types": ["*.opened"]}, "types"),
        ({"types": ["ticket.opened", "ticket.reply"]}, "types"),
        ({"types": ["role.replied"]}, "types"),
        ({"name": " "}, "name"),
        ({"agent": "alice@desk.example"}, "agent"),
        ({"key": 999}, "key"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_makes_no_sense_is_refused_and_explained(
    changes: dict[str, Any], field: str, machine: Robot, alice: Agent
) -> None:
    answer = machine.post("/webhooks", CRM | changes)
    assert answer.status_code == 422, answer.content
    (fault,) = answer.json()["error"]["fields"][field]
    assert fault["message"].endswith((".", "?"))


def test_a_mistyped_type_is_refused_with_the_one_that_is_like_it(machine: Robot) -> None:
    def fault(one: str) -> str:
        return str(machine.post("/webhooks", CRM | {"types": [one]}).json()["error"]["message"])

    assert fault("ticket.reply") == "“ticket.reply” is no type of event. Did you mean ticket.replied?"
    assert fault("x" * 31 + ".y") == f"“{'x' * 31}.y” is no type of event."
    for known in ("ticket.solved", "order.shipped", "role.deleted", "ticket.reply_failed", "customfield.*"):
        assert machine.post("/webhooks", CRM | {"types": [known]}).status_code == 201, known


def test_nobody_tells_through_a_webhook_what_he_may_not_read(root: Agent, alice: Agent) -> None:
    """Lena handles webhooks and keys, and is no administrator."""
    rights = ["webhooks:read", "webhooks:write", "keys:read", "events:read", "tickets:read"]
    lena = AgentFactory(name="Lena", role=role("Integrator", permissions=rights, enters_admin=True))
    wide = robot(root, name="Wide", owner=lena)
    narrow = robot(
        lena, name="Narrow", owner=lena, access_level="custom", scopes=["tickets:read", "events:read"]
    )
    foreign = robot(alice, name="Foreign", owner=root)
    desk = sign_in(lena)
    page = desk.get("/admin/automations/webhook/add/").content.decode()
    assert "Narrow" in page
    assert "Wide" not in page
    assert "Foreign" not in page
    assert "as an administrator" not in page
    hers = robot(lena, name="Hers", access_level="full", admin_functions=True)
    assert reason(hers.post("/webhooks", CRM | {"key": wide.key.pk})) == "agent_permission"
    assert hers.post("/webhooks", CRM | {"key": foreign.key.pk}).status_code == 422
    assert reason(hers.post("/webhooks", CRM | {"agent": root.email})) in {"agent_permission", "invalid"}
    assert hers.post("/webhooks", CRM | {"key": narrow.key.pk}).status_code == 201
    # She sees those of her own keys; without admin functions no key gets here.
    robot(root, admin_functions=True).post("/webhooks", CRM | {"name": "Root's own"})
    assert [one["name"] for one in hers.get("/webhooks").json()["data"]] == ["CRM"]
    for level in ({"access_level": "full"}, {"access_level": "custom", "scopes": ["*:read", "*:write"]}):
        assert reason(robot(root, **level).get("/webhooks")) == "insufficient_scope"


def test_a_key_that_webhooks_read_by_is_in_use_though_no_request_comes(root: Agent, alice: Agent) -> None:
    key = robot(alice, name="Told only", access_level="full").key
    ApiKey.objects.filter(pk=key.pk).update(created_at=timezone.now() - timedelta(days=100))
    desk, keys = sign_in(root), "/admin/apitokens/apikey/"

    def listed(query: str) -> bool:
        return "Told only" in desk.get(f"{keys}?{query}").content.decode()

    assert listed("health=never_used")
    assert listed("state=unused")
    made = robot(root, admin_functions=True).post("/webhooks", CRM | {"key": key.pk}).json()["data"]
    assert not listed("health=never_used")
    assert not listed("state=unused")
    Webhook.objects.filter(pk=made["id"]).update(succeeded_at=timezone.now() - timedelta(days=50))
    assert "webhook “CRM”" in desk.get(keys).content.decode()
    for page in ("overview", "revoke"):
        told = desk.get(f"{keys}{key.pk}/{page}/").content.decode()
        assert f'<a href="/admin/automations/webhook/{made["id"]}/overview/">webhook “CRM”</a>' in told
    # What it may read it needs, though no request needed it; what it may write it does not.
    days = [timezone.now().date() - timedelta(days=n) for n in (70, 1)]
    DailyUse.objects.create(key=key, day=days[0], operation="me.read", outcome=2, requests=1)
    UsedScope.objects.create(key=key, permission="tickets:write", last_day=days[1])
    kept = [str(one) for one in desk.get(f"{keys}{key.pk}/narrow/").context["kept"]]
    assert {"tickets:write", "tickets:read", "orders:read"} <= set(kept)
    assert not {"tickets:delete", "orders:write"} & set(kept)
    Webhook.objects.update(disabled_at=timezone.now(), disabled_why="by_hand")
    assert listed("state=unused"), "One that is off needs nothing."
