"""Lena handles keys and is no administrator: at no address of the key desk does she get more than she has herself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client

from accounts.models import Agent
from activity.models import Event
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, create, secret_in
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

RIGHTS = ["keys:read", "keys:write", "keys:delete", "events:read", "tickets:read", "agents:read"]
FIRST = 1
"""The number of a key's first request."""
ENDING = {"revoke", "end-rotation", "delete"}
"""What the owner of a key may do to it, however much more than himself it may do."""


@pytest.fixture
def lena(db: None) -> Agent:
    return AgentFactory(name="Lena", role=role("Integrator", permissions=RIGHTS, enters_admin=True))


@pytest.fixture
def row(db: None) -> Ticket:
    return ticket()


def used(r: Robot, row: Ticket, priority: str) -> Robot:
    """With a log, and with a change that could be undone."""
    assert r.post(f"/tickets/{row.pk}/priority", {"priority": priority}).status_code == 200
    return r


def addresses(r: Robot, row: Ticket) -> dict[str, str]:
    """Pattern → address of every page of the key desk that names the key, or what the key did, or nothing."""
    event = Event.objects.filter(key_id=r.key.pk).latest("pk")
    known = {"pk": r.key.pk, "object_id": r.key.pk, "sequence": FIRST, "event": event.pk, "ticket": row.pk}
    patterns = [str(url.pattern) for url in site.get_model_admin(ApiKey).urls]
    return {
        pattern: LIST + re.sub(r"<\w+:(\w+)>", lambda place: str(known.get(place[1], 1)), pattern)
        for pattern in patterns
    }


def forged(r: Robot, path: str, agent: Agent) -> dict[str, Any]:
    """Everything that any form of the key desk understands, so as to give or to show the most."""
    events = Event.objects.filter(key_id=r.key.pk, type="ticket.priority_changed")
    identity = {"name": "Forged", "kind": "superuser", "agent": agent.pk, "owner": r.key.owner_id}
    gain = {"admin_functions": "on", "access_level": "full", "expiry": "never"}
    remedies = {"scope": ["tickets:read"], "address": ["203.0.113.9"], "addresses": "203.0.113.9"}
    undo = {"event": [event.pk for event in events], "sure": "1"}
    access = {"key": r.key.pk, "operation": "tickets.list"}
    sure = {"overlap": "24", "post": "yes", "form_token": f"forged {path}"}
    return identity | gain | remedies | undo | access | sure


def state() -> list[Any]:
    return [*ApiKey.objects.order_by("pk").values(), *Ticket.objects.values_list("pk", "priority")]


def test_of_a_key_of_somebody_else_no_page_tells_or_changes_anything(
    lena: Agent, root: Agent, alice: Agent, row: Ticket
) -> None:
    theirs = used(robot(alice, name="Canary", owner=root), row, "high")
    request = theirs.key.requests.get().request_id
    client, before, pages = sign_in(lena), state(), addresses(theirs, row)
    assert len(pages) >= 20
    for pattern, path in pages.items():
        for answer in (client.get(path), client.post(path, forged(theirs, path, alice))):
            assert answer.status_code in ({302, 403, 404, 405} if "<" in pattern else {200, 302, 400, 405}), (
                path
            )
            text = answer.getvalue().decode() + answer.headers.get("Location", "")
            assert not re.search(rf"Canary|{request}|hdk_\w{{20}}", text), path
            assert state() == before, path
    # Whoever may see it finds all that at the same addresses.
    log = sign_in(root).get(f"{LIST}{theirs.key.pk}/requests/{FIRST}/").content.decode()
    assert request in log
    _every_remedy_works(sign_in(root), theirs, row, alice)


def test_neither_of_a_key_of_ones_own_that_may_more(
    lena: Agent, root: Agent, alice: Agent, row: Ticket
) -> None:
    """It may be read and ended, but neither changed nor tested, and no new secret comes out of it."""
    as_alice = used(robot(alice, owner=lena), row, "high")
    anybody = used(robot(alice, owner=lena, kind="superuser"), ticket(), "low")
    client, before = sign_in(lena), state()
    for r in (as_alice, anybody):
        for pattern, path in addresses(r, row).items():
            if pattern.rstrip("/").rpartition("/")[2] in ENDING:
                continue
            answer = client.post(path, forged(r, path, alice), follow=True)
            text = answer.getvalue().decode()
            assert not re.search(r"hdk_\w{20}|was taken back|>Allowed", text), path
            assert state() == before, path
    _every_remedy_works(sign_in(root), as_alice, row, alice)
    client.post(f"{LIST}{anybody.key.pk}/revoke/")
    assert reason(anybody.get("/me")) == "revoked"


def _every_remedy_works(client: Client, r: Robot, row: Ticket, agent: Agent) -> None:
    """The very same forms, sent by an administrator, do something: the refusals had no other reason."""
    for page in ("undo", "lock", "narrow", "rotate", "regenerate", "revoke"):
        before, path = state(), f"{LIST}{r.key.pk}/{page}/"
        client.post(path, forged(r, path, agent) | {"form_token": f"true {path}"})
        assert state() != before, page


def test_she_names_no_scope_beyond_her_own_and_a_level_gives_her_key_nothing_more(
    lena: Agent, alice: Agent, row: Ticket
) -> None:
    client = sign_in(lena)
    beyond = {"scopes-tickets": "full", "scopes-contacts": "full"}
    for agent in (alice, lena):
        page = create(client, agent, access_level="custom", kind=None, **beyond).content.decode()
        assert "hdk_" not in page
        assert "contacts:read" in page or agent == alice
    assert not ApiKey.objects.exists()
    administers = {"admin_functions": "on", "owner": alice.pk}
    create(client, lena, access_level="full", kind="superuser", **administers)
    assert not ApiKey.objects.exists()
    made = create(client, lena, access_level="full", kind="agent", **administers)
    r = Robot(ApiKey.objects.get(), secret_in(made))
    assert (r.key.kind, r.key.admin_functions) == ("agent", False)
    assert r.get(f"/tickets/{row.pk}").status_code == 200
    for answer in (
        r.post(f"/tickets/{row.pk}/priority", {"priority": "high"}),
        r.delete(f"/tickets/{row.pk}"),
        r.get("/contacts"),
        r.get("/keys"),
        r.get(f"/tickets/{row.pk}", **{"X-Agent-ID": str(alice.pk)}),
    ):
        assert answer.status_code == 403, answer.content
