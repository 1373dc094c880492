"""`manage.py create_agent`: a colleague from the command line."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Agent, Team
from activity.models import Event

pytestmark = pytest.mark.django_db


def create(*arguments: str, email: str = "dora@desk.example") -> str:
    output = io.StringIO()
    call_command("create_agent", "--email", email, "--name", "Dora", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def type_password(monkeypatch: pytest.MonkeyPatch) -> Any:
    def type_in(password: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))

    return type_in


def test_the_agent_signs_in_with_the_password_from_standard_input(type_password: Any, support: Team) -> None:
    type_password("correct horse battery")
    create("--role", "Team agent", "--team", "support", "--password-stdin", email="Dora@Desk.Example")
    dora = Agent.objects.get(email="dora@desk.example")
    assert (dora.name, dora.role.name, dora.teams.get(), dora.is_demo) == (
        "Dora",
        "Team agent",
        support,
        False,
    )
    assert Client().login(username="dora@desk.example", password="correct horse battery")


def test_history_says_that_it_happened_at_the_command_line() -> None:
    create("--role", "Agent")
    event = Event.objects.get(type="agent.created")
    assert (event.door, event.agent, event.facts["role"]) == ("command", None, "Agent")


def test_without_a_password_there_is_a_link_to_choose_one() -> None:
    assert "/password/choose/" in create("--role", "Agent")
    assert not Agent.objects.get(email="dora@desk.example").has_usable_password()


def test_a_service_agent_cannot_sign_in() -> None:
    said = create("--role", "Agent", "--service")
    assert "password" not in said
    assert not Agent.objects.get(email="dora@desk.example").can_sign_in


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--role", "Boss"], "There is no role “Boss”. There are: Administrator, Agent"),
        (["--role", "Agent", "--team", "Foo"], "There is no team “Foo”"),
        (["--role", "Agent", "--email", "nonsense"], "“nonsense” is no e-mail address"),
        (["--role", "Agent", "--name", " "], "Give a --name"),
    ],
)
def test_a_mistake_is_explained_and_changes_nothing(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        create(*arguments)
    assert not Agent.objects.exists()


@pytest.mark.parametrize(("password", "sentence"), [("", "holds no password"), ("short", "too short")])
def test_a_bad_password_is_refused(type_password: Any, password: str, sentence: str) -> None:
    type_password(password)
    with pytest.raises(CommandError, match=sentence):
        create("--role", "Agent", "--password-stdin")
    assert not Agent.objects.exists()


def test_an_address_belongs_to_one_agent(alice: Agent) -> None:
    with pytest.raises(CommandError, match="already"):
        create("--role", "Agent", email=alice.email.upper())
