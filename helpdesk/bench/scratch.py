"""A database of the bench's own, beside the product's and on the same server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from psycopg import sql

from helpdesk.demo.keys import demo_file
from tickets.models import Ticket


@contextmanager
def scratch_database(tickets: int, say: Callable[[str], None]) -> Iterator[str]:
    """Work on `NAME_bench`, filled with exactly so many tickets; give its name. Reused when it fits.

    Its demo keys and static files get a folder of their own, so that those of the product's demo stay as they are.
    """
    product = connection.settings_dict["NAME"]
    name = f"{product}_bench"
    folder = demo_file().parent / "bench"
    with override_settings(VAR_DIR=folder, STATIC_ROOT=settings.STATIC_ROOT and folder / "static"):
        try:
            _create(name)
            _use(name)
            if not _is_filled(tickets):
                _use(product)
                _recreate(name)
                _use(name)
                _fill(tickets, say)
            yield name
        finally:
            _use(product)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _recreate(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    _create(name)


def _is_filled(tickets: int) -> bool:
    if Ticket._meta.db_table not in connection.introspection.table_names():
        return False
    call_command("migrate", verbosity=0)
    return Ticket.objects.count() == tickets


def _fill(tickets: int, say: Callable[[str], None]) -> None:
    say(f"Filling a scratch database with {tickets:,} tickets…")
    call_command("migrate", verbosity=0)
    call_command("demo", tickets=tickets, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
