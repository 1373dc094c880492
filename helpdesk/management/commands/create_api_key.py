"""`manage.py create_api_key`: let a program in, from a script or a shell."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.permissions import Permission
from activity.actor import Door, system_actor
from apitokens.actions import create_key
from apitokens.models import AccessLevel, ApiKey, KeyKind
from helpdesk.management.lookups import agent_with_email


class Command(BaseCommand):
    help = "Create an API key. Its secret is printed once and can never be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--agent", metavar="EMAIL", help="the agent that the key acts as")
        who.add_argument("--superuser", action="store_true", help="acts as any agent that a request names")
        parser.add_argument("--default-agent", metavar="EMAIL", help="whom a superuser key acts as otherwise")
        parser.add_argument(
            "--admin-functions", action="store_true", help="may administer, as far as the agent may"
        )
        parser.add_argument("--name", required=True, help="which program uses it")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="who answers for it (default: the agent, or an admin)"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--access", choices=["read", "full"], help="default: read, unless --scope is given")
        what.add_argument("--scope", action="append", metavar="SCOPE", help="tickets:write; may be repeated")
        parser.add_argument(
            "--tag", action="append", default=[], metavar="PATTERN", help="tickets.create, -*.delete"
        )
        parser.add_argument(
            "--expires", metavar="DATE", help="its last day (2030-12-31), or the moment, in UTC"
        )
        parser.add_argument(
            "--allow", action="append", default=[], metavar="CIDR", help="only from this network"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, **options: Any) -> None:
        if options["default_agent"] and not options["superuser"]:
            raise CommandError(
                "--default-agent belongs to --superuser. Another key always acts as its --agent."
            )
        email = options["agent"] or options["default_agent"]
        agent = agent_with_email(email) if email else None
        try:
            key, secret = create_key(
                actor=system_actor(door=Door.COMMAND),
                name=options["name"],
                kind=KeyKind.SUPERUSER if options["superuser"] else KeyKind.AGENT,
                agent=agent,
                owner=agent_with_email(options["owner"]) if options["owner"] else _usual_owner(agent),
                access_level=AccessLevel.CUSTOM
                if options["scope"]
                else options["access"] or AccessLevel.READ_ONLY,
                scopes=options["scope"] or (),
                admin_functions=options["admin_functions"],
                tags=options["tag"],
                addresses=options["allow"],
                expires_at=_end_of(options["expires"]) if options["expires"] else None,
            )
        except Refused as error:
            raise CommandError(error.message) from None
        self.stdout.write(_as_json(key, secret) if options["json"] else _as_text(key, secret))


def _usual_owner(agent: Agent | None) -> Agent:
    """The agent itself if it is a person, and otherwise the first administrator."""
    if agent is not None and agent.is_person:
        return agent
    people = Agent.objects.active().people()
    admin: Agent | None = people.filter(role__permissions__contains=[Permission.ADMIN]).order_by("id").first()
    if admin is None:
        raise CommandError("Somebody has to answer for the key. Name an agent with --owner.")
    return admin


def _end_of(text: str) -> datetime:
    """A date means the end of that day in UTC: the key still works on it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no date. Write --expires 2030-12-31") from None
    if _is_date(text):
        moment = datetime.combine(moment + timedelta(days=1), time.min)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= timezone.now():
        raise CommandError(f"{text} is in the past: the key would never work.")
    return moment


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _as_json(key: ApiKey, secret: str) -> str:
    return json.dumps({"id": key.pk, "secret": secret, "code": f"{key.pk}:{secret}"})


def _as_text(key: ApiKey, secret: str) -> str:
    return "\n".join(
        [
            f"Created the {key.get_kind_display().lower()} “{key.name}” ({', '.join(key.granted_scopes)}).",
            "Its secret is shown here and never again. Send it in either spelling:",
            f"  Authorization: Bearer {secret}",
            f"  Authorization: key {key.pk}:{secret}",
        ]
    )
