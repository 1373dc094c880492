"""
What every test stands on: the environment, a real PostgreSQL, real servers, a real browser.

Tests run on the embedded PostgreSQL under VAR_DIR (`var/test` unless given), or on a test database beside the
one that DATABASE_URL names. Under pytest-xdist all workers share one server, each with a database of its own.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

os.environ["ENVIRONMENT"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
os.environ.setdefault("VAR_DIR", str(Path(__file__).parent.parent / "var" / "test"))

import django
import pytest
from pytest_django.plugin import DjangoDbBlocker

django.setup()  # Before any test module imports a model.

# Most of what tests make lives long enough to be looked at in vain, which costs a tenth of their time.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

from tests.browser import browser, page, window
from tests.cast import alice, billing, bob, carol, mallory, root, support
from tests.servers import StartServer, StartWorker, shared_servers, start_server, start_worker

__all__ = [
    "StartServer",
    "StartWorker",
    "alice",
    "billing",
    "bob",
    "browser",
    "carol",
    "mallory",
    "page",
    "root",
    "shared_servers",
    "start_server",
    "start_worker",
    "support",
    "window",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have a PostgreSQL running before the first test that needs one, and in it what test databases are made of."""
    from django.conf import settings

    from helpdesk import embedded_postgres
    from tests import databases

    if embedded_postgres.url(settings.VAR_DIR) == settings.DATABASE_URL:
        embedded_postgres.ensure(settings.VAR_DIR, durable=False)
    with django_db_blocker.unblock():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = databases.migrated()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Take the tasks of every test that commits away after it.

    Such a test ends by emptying the tables. That brings the default roles and statuses back, because they are made
    after every `migrate`, but it spares the tables of the task queue, which are not Django's.
    """
    for item in items:
        if isinstance(item, pytest.Function) and _commits(item):
            item.fixturenames.insert(0, "no_task_left_behind")


def _commits(item: pytest.Function) -> bool:
    marks = item.iter_markers("django_db")
    return "transactional_db" in item.fixturenames or any(mark.kwargs.get("transaction") for mark in marks)


@pytest.fixture
def no_task_left_behind(transactional_db: None) -> Iterator[None]:
    yield
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
