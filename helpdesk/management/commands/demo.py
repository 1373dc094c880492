"""`manage.py demo`: a shop's helpdesk with people, tickets and keys, to try the product out with."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Agent
from helpdesk.demo.cast import MissingRoleError, ensure_cast
from helpdesk.demo.keys import demo_file, ensure_keys
from helpdesk.demo.load import load
from helpdesk.demo.promises import ensure_promises, set_clocks
from helpdesk.demo.usage import use
from tickets.models import Ticket

DEFAULT_TICKETS = 1_500
MOST_TICKETS = 2_000_000
_LOCK = 20_260_101
"""Of two loads at once the second waits, and then finds that it has nothing to do."""


class Command(BaseCommand):
    help = "Fill the helpdesk with demo data. Done once; a second time only with --force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tickets", type=int, default=DEFAULT_TICKETS, help="how many (default: %(default)s)"
        )
        parser.add_argument("--force", action="store_true", help="add to what is there already")

    def handle(self, *, tickets: int, force: bool, verbosity: int, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Everybody knows the passwords of the demo, so it is never loaded with production settings. "
                "Set ENVIRONMENT=demo to try the product out."
            )
        if not 1 <= tickets <= MOST_TICKETS:
            raise CommandError(f"--tickets takes a number from 1 to {MOST_TICKETS:,}.")
        self.is_talkative = verbosity > 0
        try:
            self._load_once(tickets, force=force)
        except MissingRoleError as error:
            raise CommandError(str(error)) from None
        self._say(f"Sign-ins and API keys are in {demo_file()}.")

    @transaction.atomic
    def _load_once(self, tickets: int, *, force: bool) -> None:
        """All of it or nothing. What is there already still gets keys whose secrets are known."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        is_loaded = Agent.objects.filter(is_demo=True).exists()
        if is_loaded and not force:
            ensure_keys()
            self._say("The demo data is there already. --force adds more.")
            return
        if Ticket.objects.exists() and not force:
            raise CommandError(
                "This helpdesk has tickets of its own, and demo data cannot be taken out again. "
                "To add it all the same: --force"
            )
        self._load(tickets)

    def _load(self, tickets: int) -> None:
        began = time.monotonic()
        cast, keys, now = ensure_cast(), ensure_keys(), timezone.now()
        ensure_promises(cast)
        load(cast, keys, tickets, now, self._report)
        set_clocks()
        use(keys, now)
        self._say(f"Loaded {tickets:,} tickets in {time.monotonic() - began:.1f} s.")

    def _report(self, tickets: int) -> None:
        self._say(f"  {tickets:,} tickets")

    def _say(self, text: str) -> None:
        if self.is_talkative:
            self.stdout.write(text)
            self.stdout.flush()
