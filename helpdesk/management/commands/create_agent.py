"""`manage.py create_agent`: add a colleague, or a service agent for a program, from a script or a shell."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.actions import create_agent, make_link
from accounts.models import Agent, AgentKind, LinkPurpose
from activity.actor import Door, system_actor
from helpdesk.management.lookups import role_named, teams_named


class Command(BaseCommand):
    help = "Add an agent. Without --password-stdin, prints a link to choose a password with, good for a week."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the address to sign in with")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, help='such as "Team agent"')
        parser.add_argument(
            "--team", action="append", default=[], metavar="NAME", help="may be given several times"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        how.add_argument(
            "--service", action="store_true", help="a service agent: for a program, cannot sign in"
        )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        candidate = Agent(email=_address(options["email"]), name=_name(options["name"]))
        agent = create_agent(
            email=candidate.email,
            name=candidate.name,
            role=role_named(options["role"]),
            teams=teams_named(options["team"]),
            password=_password_for(candidate) if options["password_stdin"] else None,
            kind=AgentKind.SERVICE if options["service"] else AgentKind.PERSON,
            actor=system_actor(door=Door.COMMAND),
        )
        self.stdout.write(f"Created {agent.name} <{agent.email}> with the role {agent.role.name}.")
        if not options["service"] and not options["password_stdin"]:
            self.stdout.write(f"To choose a password, within a week: {make_link(agent, LinkPurpose.INVITE)}")


def _address(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError:
        raise CommandError(f"“{email}” is no e-mail address.") from None
    if Agent.objects.with_email(email).exists():
        raise CommandError(f"There is an agent with the address {email} already.")
    return email


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise CommandError("Give a --name of at most 100 characters.")
    return name


def _password_for(candidate: Agent) -> str:
    """The first line of standard input, as a pipe or a here-document gives it."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("Standard input holds no password. Try: --password-stdin < a-file-with-it")
    try:
        validate_password(password, candidate)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
