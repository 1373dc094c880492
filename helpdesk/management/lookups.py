"""What commands are told by name. Each says what there is when it finds nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management import CommandError

from accounts.models import Agent, Role, Team


def agent_with_email(email: str) -> Agent:
    agent: Agent | None = Agent.objects.select_related("role").with_email(email).first()
    if agent is None:
        raise CommandError(f"There is no agent with the address {email}. Make one with create_agent.")
    return agent


def role_named(name: str) -> Role:
    role = Role.objects.filter(name__iexact=name.strip()).first()
    if role is None:
        raise CommandError(
            f"There is no role “{name}”. {_there_are(Role.objects.values_list('name', flat=True))}"
        )
    return role


def teams_named(names: Iterable[str]) -> list[Team]:
    return [_team_named(name) for name in names]


def _team_named(name: str) -> Team:
    team = Team.objects.filter(name__iexact=name.strip()).first()
    if team is None:
        raise CommandError(
            f"There is no team “{name}”. {_there_are(Team.objects.values_list('name', flat=True))}"
        )
    return team


def _there_are(names: Iterable[str]) -> str:
    known = ", ".join(sorted(names))
    return f"There are: {known}." if known else "There are none yet: add one in the admin."
