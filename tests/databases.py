"""
The one database that every test database is a copy of, so that migrations run once and not in every worker; and how a
test database is empty again after a test that commits.
"""

import hashlib
import inspect
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

import accounts.seeds
import tickets.seeds

_PREFIX = "migrated_"
_BEING_MADE = "being_migrated"


def migrated() -> str:
    """Return the name of a database in which everything is migrated; make it unless an earlier run did."""
    wanted = _PREFIX + _fingerprint()
    with connection._nodb_cursor() as cursor:
        # One process makes it while the others wait, until its connection closes.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [_PREFIX])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
        made = {name for (name,) in cursor.fetchall()}
        if wanted not in made:
            for name in (*made, _BEING_MADE):
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_BEING_MADE)))
            _migrate(_BEING_MADE)
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(_BEING_MADE), sql.Identifier(wanted)
                )
            )
    return wanted


def empty() -> None:
    """
    Leave no row but those that a helpdesk has from its first minute.

    Nearly all tables are empty already, and to delete from them costs a tenth of truncating each of them with its
    indexes. Nobody but a superuser may do so without asking all foreign keys.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        if cursor.fetchone() == ("on",):
            cursor.execute(_DELETE_EVERYTHING)
        else:
            call_command("flush", verbosity=0, interactive=False)
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    accounts.seeds.ensure_defaults()
    tickets.seeds.ensure_defaults()


_DELETE_EVERYTHING = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN
            SELECT quote_ident(relname) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
              AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
        LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
    END $$
"""


def _migrate(name: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _fingerprint() -> str:
    """Return a digest of all migrations, and of what a database has from its first minute."""
    migrations = MigrationLoader(None).disk_migrations.values()
    files = {inspect.getfile(type(migration)) for migration in migrations}
    files |= {str(path) for app in apps.get_app_configs() for path in Path(app.path).glob("seeds.py")}
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in sorted(files))).hexdigest()[:16]
