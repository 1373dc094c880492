"""`manage.py create_api_key`: a key from the command line, for scripts and for people."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Agent, AgentKind
from activity.models import Event
from apitokens.models import ApiKey
from tests.factories import AgentFactory
from tests.robot import ask

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    output = io.StringIO()
    call_command("create_api_key", "--name", "Robot", *arguments, stdout=output)
    return output.getvalue()


def created(*arguments: str) -> Any:
    said = create(*arguments, "--json")
    assert said.count("\n") == 1
    return json.loads(said)


def me(authorization: str, **headers: str) -> Any:
    return ask("get", "/me", headers={"Authorization": authorization, **headers}).json()["data"]


def test_both_spellings_of_a_new_key_work_at_once(alice: Agent) -> None:
    robot = created("--agent", alice.email)
    assert robot["code"] == f"{robot['id']}:{robot['secret']}"
    for spelling in (f"Bearer {robot['secret']}", f"key {robot['code']}"):
        assert me(spelling)["person"]["name"] == "Alice"


def test_people_read_both_headers(alice: Agent) -> None:
    said = create("--agent", alice.email)
    assert "Authorization: Bearer hdk_" in said
    assert f"Authorization: key {ApiKey.objects.get().pk}:hdk_" in said


def test_a_key_only_reads_unless_more_is_asked_for(alice: Agent) -> None:
    assert me(f"Bearer {created('--agent', alice.email)['secret']}")["scopes"] == ["*:read"]
    full = created("--agent", alice.email, "--access", "full")
    assert me(f"Bearer {full['secret']}")["scopes"] == ["*:read", "*:write", "*:delete"]


def test_a_key_narrowed_in_every_way(alice: Agent) -> None:
    robot = created(
        *(
            "--agent",
            alice.email,
            "--scope",
            "tickets:write",
            "--scope",
            "tickets:read",
            "--tag",
            "tickets.create",
        ),
        *("--allow", "127.0.0.0/8", "--expires", "2099-12-31"),
    )
    key = ApiKey.objects.get(pk=robot["id"])
    assert (key.access_level, key.scopes) == ("custom", ["tickets:write", "tickets:read"])
    assert (key.tags, key.addresses) == (["tickets.create"], ["127.0.0.0/8"])
    assert key.expires_at == datetime(2100, 1, 1, tzinfo=UTC), "The key still works on its last day."
    refused = ask("get", "/tickets", headers={"Authorization": f"Bearer {robot['secret']}"})
    assert refused.json()["error"]["decided_by"] == "tag"


def test_a_superuser_key_acts_as_its_default_agent_or_as_another(
    alice: Agent, bob: Agent, root: Agent
) -> None:
    bearer = f"Bearer {created('--superuser', '--default-agent', alice.email)['secret']}"
    assert me(bearer)["person"]["name"] == "Alice"
    assert me(bearer, **{"X-Agent-ID": str(bob.pk)})["person"]["name"] == "Bob"


def test_admin_functions_are_a_scope(root: Agent) -> None:
    robot = created("--superuser", "--admin-functions", "--default-agent", root.email)
    assert "admin" in me(f"Bearer {robot['secret']}")["scopes"]


def test_a_person_answers_for_every_key(alice: Agent, root: Agent) -> None:
    program = AgentFactory(name="Shop", kind=AgentKind.SERVICE)
    owners = [
        ApiKey.objects.get(pk=created(*arguments)["id"]).owner
        for arguments in (
            ["--agent", alice.email],
            ["--superuser"],
            ["--agent", program.email],
            ["--agent", program.email, "--owner", alice.email],
        )
    ]
    assert owners == [alice, root, root, alice]


def test_without_an_administrator_the_owner_has_to_be_named(alice: Agent) -> None:
    with pytest.raises(CommandError, match="--owner"):
        create("--superuser")
    created("--superuser", "--owner", alice.email)


def test_history_says_that_it_happened_at_the_command_line(alice: Agent) -> None:
    robot = created("--agent", alice.email)
    event = Event.objects.get(type="key.created")
    assert (event.door, event.subject_id) == ("command", robot["id"])
    assert robot["secret"] not in str(Event.objects.values())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--agent nobody@desk.example", "There is no agent with the address nobody@desk.example"),
        ("--agent alice@desk.example --scope tickets:fly", "There is no scope “tickets:fly”"),
        ("--agent alice@desk.example --scope keys:write", "admin functions"),
        ("--agent alice@desk.example --expires 2020-01-01", "in the past"),
        ("--agent alice@desk.example --expires soon", "“soon” is no date"),
        ("--agent alice@desk.example --allow 10.0.0.1/8", "Did you mean 10.0.0.0/8"),
        ("--agent alice@desk.example --allow here", "“here” is no address or network"),
        ("--agent alice@desk.example --tag Tickets", "“Tickets” is no operation pattern"),
        ("--agent alice@desk.example --owner nobody@desk.example", "There is no agent"),
        ("--agent alice@desk.example --default-agent alice@desk.example", "belongs to --superuser"),
        ("--agent alice@desk.example --superuser", "not allowed with argument"),
        ("--agent alice@desk.example --access full --scope tickets:read", "not allowed with argument"),
        ("", "one of the arguments --agent --superuser is required"),
    ],
)
def test_a_mistake_is_explained_and_makes_no_key(alice: Agent, arguments: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        create(*arguments.split())
    assert not ApiKey.objects.exists()
