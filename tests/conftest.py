"""
What every test stands on: the environment, a real PostgreSQL, real servers, a real browser.

Tests run on the embedded PostgreSQL under VAR_DIR (`var/test` unless given), or on a test database beside the
one that DATABASE_URL names. Under pytest-xdist all workers share one server, each with a database of its own.
"""

import gc
import os
from pathlib import Path

os.environ["ENVIRONMENT"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
os.environ.setdefault("VAR_DIR", str(Path(__file__).parent.parent / "var" / "test"))

import django
import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

django.setup()  # Before any test module imports a model.

# Most of what tests make lives long enough to be looked at in vain, which costs a tenth of their time.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

# The same examples in every run, whatever time a busy machine takes for them.
settings.register_profile(
    "suite", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

from tests import databases
from tests.browser import browser, page, window
from tests.cast import alice, billing, bob, carol, mallory, root, support
from tests.servers import StartServer, StartWorker, shared_servers, start_server, start_worker

# After a test that commits. Django would truncate its own tables alone, and take much longer.
TransactionTestCase._fixture_teardown = lambda _test: databases.empty()  # type: ignore[attr-defined]

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

    if embedded_postgres.url(settings.VAR_DIR) == settings.DATABASE_URL:
        embedded_postgres.ensure(settings.VAR_DIR, durable=False)
    with django_db_blocker.unblock():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = databases.migrated()
