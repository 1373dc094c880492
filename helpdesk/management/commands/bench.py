"""`manage.py bench`: what a request costs, on the production server, as ratios to a bare view."""

from __future__ import annotations

import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.test.utils import override_settings

from helpdesk import processes
from helpdesk.bench import browser, cpu, pages
from helpdesk.bench.cases import Case, cases
from helpdesk.bench.measure import CONNECTIONS, measure, noise, table
from helpdesk.bench.scratch import scratch_database
from helpdesk.bench.webhooks import measure as measure_webhooks
from helpdesk.bench.webhooks import told
from helpdesk.demo.cast import MissingRoleError

_LONG = 3
"""Which of the pages is the ticket of a hundred messages."""
_LOOPBACK = ["127.0.0.0/8"]
"""Where the receiver of webhooks is, which no product would call."""
_WORKERS = 2
_PRODUCT, _BENCH = "helpdesk.wsgi:application", "helpdesk.bench.wsgi:application"


class Command(BaseCommand):
    help = "Measure CPU and requests per second of a few requests, over loopback, on a database of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tickets", type=int, default=10_000, help="in the database (default: %(default)s)"
        )
        parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
        parser.add_argument(
            "--seconds", type=float, default=1.5, help="a case and round (default: %(default)s)"
        )

        parser.add_argument(
            "--webhooks",
            type=int,
            default=0,
            metavar="N",
            help="measure instead how fast so many are delivered",
        )

    def handle(
        self, *, tickets: int, rounds: int, seconds: float, webhooks: int = 0, **_options: Any
    ) -> None:
        if settings.PRODUCTION:
            raise CommandError("The bench fills a database with demo data: set ENVIRONMENT=demo.")
        if not (1 <= tickets <= 2_000_000 and 1 <= rounds <= 50 and 0.1 <= seconds <= 30):
            raise CommandError("At most 2,000,000 tickets, 50 rounds and 30 seconds.")
        if not 0 <= webhooks <= 100_000:
            raise CommandError("At most 100,000 webhooks.")
        try:
            with scratch_database(tickets, self._say) as name:
                if settings.STATIC_ROOT:
                    call_command("collectstatic", interactive=False, verbosity=0)
                if webhooks:
                    self._measure_webhooks(name, webhooks)
                else:
                    self._measure(name, tickets, rounds, seconds)
        except (MissingRoleError, RuntimeError) as error:
            raise CommandError(str(error)) from error

    def _measure(self, name: str, tickets: int, rounds: int, seconds: float) -> None:
        asked, looked_at = cases(), pages.pages()
        with serving(name) as (port, server):
            roots = [server, *_database_server()]
            self._say(_setting(tickets, rounds, with_database=len(roots) > 1))
            results = measure(asked, port, roots, rounds=rounds, seconds=seconds)
            in_turn = pages.timed(looked_at, port, roots, requests=max(10, int(rounds * seconds * 40)))
            in_browser = list(browser.told(looked_at[_LONG], port))
        lines = ["", *table(asked, results), "", _legend(asked), noise(results, asked[0].letter)]
        self._say("\n".join([*lines, "", *pages.table(in_turn), "", *in_browser]))

    def _measure_webhooks(self, name: str, count: int) -> None:
        web = cases()[1]
        with override_settings(OUTGOING_NETWORKS=_LOOPBACK), serving(name) as (port, _server):
            workers = [
                processes.start(processes.worker_command(), _environment(name)) for _n in range(_WORKERS)
            ]
            try:
                ids = [worker.pid for worker in workers]
                result = measure_webhooks(count, workers=ids, database=_database_server(), web=web, port=port)
            finally:
                for worker in workers:
                    processes.stop(worker)
        self._say(told(result, _WORKERS))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def serving(database: str) -> Iterator[tuple[int, int]]:
    """The production server on the scratch database; gives its port and its process id."""
    port = _free_port()
    command = processes.web_command(port, processes=settings.WEB_PROCESSES, threads=settings.WEB_THREADS)
    process = processes.start(
        [_BENCH if part == _PRODUCT else part for part in command], _environment(database)
    )
    try:
        if not processes.wait_until_answering(f"http://127.0.0.1:{port}/bench/bare", process):
            raise CommandError("The web server did not start; what it said stands above.")
        yield port, process.pid
    finally:
        processes.stop(process)


def _environment(database: str) -> dict[str, str]:
    return {
        "ENVIRONMENT": settings.ENVIRONMENT,
        "VAR_DIR": str(settings.VAR_DIR),
        "DATABASE_URL": _url(database),
        "SECRET_KEY": settings.SECRET_KEY,
        "API_KEY_PEPPERS": ",".join(settings.API_KEY_PEPPERS),
        "OUTGOING_NETWORKS": ",".join(_LOOPBACK),
        "LOG_LEVEL": "WARNING",
    }


def _database_server() -> list[int]:
    """PostgreSQL's first process, when it runs on this machine: all its others descend from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    parent = cpu.parent_of(backend)
    return [parent] if parent and "postgres" in cpu.command_of(backend) else []


def _url(database: str) -> str:
    known = connection.settings_dict
    user, password = (quote(str(known[name]), safe="") for name in ("USER", "PASSWORD"))
    query = urlencode({name.lower(): known[name] for name in ("HOST", "PORT") if known[name]})
    return f"postgresql://{user}{':' * bool(password)}{password}@/{quote(database)}?{query}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _setting(tickets: int, rounds: int, *, with_database: bool) -> str:
    counted = (
        "the web server and PostgreSQL" if with_database else "the web server alone: PostgreSQL is elsewhere"
    )
    return (
        f"{tickets:,} tickets; granian with {settings.WEB_PROCESSES} processes of {settings.WEB_THREADS} threads; "
        f"{CONNECTIONS} connections; {rounds} rounds.\nCPU is that of {counted}."
    )


def _legend(asked: list[Case]) -> str:
    return (
        "Figures are min/median/max over the rounds; × (a) is the median of the ratios within each round; p50 and "
        "p99\nare milliseconds with all connections busy; SQL counts statements without BEGIN and COMMIT. "
        f"All act as Alice, from {asked[1].letter} on."
    )
