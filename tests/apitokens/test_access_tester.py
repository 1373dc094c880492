"""Root asks what the API would say to a key: the very same words, and nothing happens."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.api.routes import routes
from accounts.models import Agent, Team
from activity.models import Event
from apitokens.models import KeyUsage, LoggedRequest
from apitokens.rehearsal import Question, Verdict, rehearse
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, ask, robot

pytestmark = pytest.mark.django_db

PAGE = "/admin/apitokens/apikey/access/"


def told(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"</?code>", "", html.unescape(re.sub(r"\s+", " ", answer.content.decode())))


def asked(client: Client, r: Robot, operation: str, name: object = "", **fields: str) -> str:
    form = {"key": r.key.pk, "operation": operation, "name": name, "address": "127.0.0.1", **fields}
    return told(client.post(PAGE, form))


def test_the_tester_says_what_the_api_would_say_and_why(root: Agent, alice: Agent, bob: Agent) -> None:
    client, opened = sign_in(root), ticket()
    reader, foreign = robot(alice, access_level="read"), robot(bob)
    page = told(client.get(f"{PAGE}?key={reader.key.pk}&operation=tickets.reply"))
    assert f'value="{reader.key.pk}" selected' in page
    assert 'value="tickets.reply" selected' in page
    assert f"{PAGE}?key={reader.key.pk}" in told(
        client.get(f"/admin/apitokens/apikey/{reader.key.pk}/overview/")
    )

    assert "Allowed" in asked(client, reader, "tickets.read", opened.pk)
    scope = asked(client, reader, "tickets.reply", opened.pk)
    for words in (
        "Refused",
        "This key lacks the scope messages:write.",
        "the key’s scopes, missing: messages:write",
    ):
        assert words in scope
    assert "what exists for the acting agent" in asked(client, foreign, "tickets.read", opened.pk)
    assert "This key acts as one agent only." in asked(client, foreign, "tickets.list", agent=str(alice.pk))
    assert "Allowed" in asked(client, robot(alice), "tickets.reply", opened.pk)
    wrong = asked(client, robot(alice), "tickets.reply", opened.pk, body='{"bodi": 1}')
    assert "The key may do this, but not with what was sent: the API answers 422." in wrong

    fenced = robot(alice, addresses=["192.0.2.0/24"])
    assert "the addresses: the key’s own list" in asked(client, fenced, "me.read")
    assert "Allowed" in asked(client, fenced, "me.read", address="192.0.2.9")
    client.post(f"/admin/apitokens/apikey/{fenced.key.pk}/revoke/")
    assert "This key was revoked. Ask an admin for a new one." in asked(
        client, fenced, "me.read", address="192.0.2.9"
    )
    assert "Say which one." in asked(client, reader, "tickets.read")
    assert "cannot be sent" in asked(client, reader, "tickets.read", opened.pk, agent="1\x7f2")


def test_nothing_is_counted_logged_or_changed(root: Agent, alice: Agent) -> None:
    client, opened, r = sign_in(root), ticket(), robot(alice)
    before = list(KeyUsage.objects.values()), Event.objects.count()
    assert "tried to its end and taken back" in asked(client, r, "tickets.delete", opened.pk)
    assert "Allowed" in asked(client, r, "tickets.note", opened.pk, body='{"body": "Hello"}')
    assert "Refused" in asked(client, r, "keys.list")
    assert (list(KeyUsage.objects.values()), Event.objects.count()) == before
    assert not LoggedRequest.objects.exists()
    assert opened.messages.count() == 1


def test_who_may_do_less_than_the_key_learns_nothing_through_it(root: Agent, alice: Agent) -> None:
    desk = AgentFactory(name="Dora", role=role("Desk", permissions=["keys:read"], enters_admin=True))
    opened, mine, theirs = ticket(), robot(alice, owner=desk), robot(alice, owner=root)
    client = sign_in(desk)
    refused = asked(client, mine, "tickets.read", opened.pk)
    assert "This key could do what you may not do yourself" in refused
    assert "Allowed" not in refused
    assert "Select a valid choice" in asked(client, theirs, "tickets.read", opened.pk)
    assert theirs.key.name in told(sign_in(root).get(PAGE))
    outsider = AgentFactory(role=role("Clerk", permissions=["tickets:read"], enters_admin=True))
    assert sign_in(outsider).get(PAGE).status_code == 403


BODIES: dict[str, Any] = {
    "tickets.read": None,
    "tickets.list": None,
    "tickets.delete": None,
    "tickets.unsnooze": None,
    "tickets.assign": {"assignee": None},
    "tickets.note": {"body": "Hello"},
    "tickets.reply": {"body": "Hello"},
    "tickets.update": {"priority": "high"},
    "tickets.merge": {"into": 1},
    "contacts.list": None,
    "keys.list": None,
    "me.read": None,
}


def test_tester_and_api_agree(root: Agent, alice: Agent, bob: Agent, support: Team, billing: Team) -> None:
    """Every key, as every agent, for every operation, on every ticket: status and words are the same."""
    clerk = AgentFactory(
        name="Clerk", role=role("Clerk", permissions=["tickets:read", "notes:write"]), teams=[support]
    )
    away = AgentFactory(name="Away", is_active=False)
    tickets = [ticket(team=billing, assignee=bob), None]
    keys = [
        robot(clerk),
        robot(alice, tags=["tickets.*", "-*.delete"]),
        robot(root, admin_functions=True),
        robot(None, owner=root, kind="superuser"),
        robot(alice, kind="superuser"),
    ]
    compared = 0
    for r in keys:
        acting = ["", str(clerk.pk), str(away.pk), "x"] if r.key.kind == "superuser" else [""]
        for agent in acting:
            for name, body in BODIES.items():
                for row in tickets if routes()[name].names_one else [None]:
                    number = str(row.pk) if row else "999999"
                    agree(r, name, number, agent, body)
                    compared += 1
    assert compared > 100


def agree(r: Robot, name: str, number: str, agent: str, body: Any) -> Verdict:
    """Ask the tester and the API the same, and return the tester's verdict."""
    route = routes()[name]
    headers = {**r.bearer, "Prefer": "dry-run", **({"X-Agent-ID": agent} if agent else {})}
    answer = ask(route.method, route.address(number), body, headers=headers)
    said = json.dumps(body) if body else ""
    verdict = rehearse(Question(r.key.pk, route, "127.0.0.1", agent, number, said))
    asking = (r.key.name, r.key.pk, name, number, agent)
    assert (verdict.status < 400) == (answer.status_code < 400), (asking, verdict, answer.content)
    if answer.status_code == 422 != verdict.status:
        assert verdict.status == 403, asking  # Another body would not help.
    elif answer.status_code >= 400:
        error = answer.json()["error"]
        assert {**verdict.error, "request_id": ""} == {**error, "request_id": ""}, asking
    short = rehearse(Question(r.key.pk, route, "127.0.0.1", agent, number))
    if verdict.is_at_fault:
        assert short.is_allowed, asking
    elif not route.operation.either:  # Else the body decides which of several rights is needed.
        assert (short.is_allowed, short.error) == (verdict.is_allowed, verdict.error), asking
    return verdict
