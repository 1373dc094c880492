"""Production refuses to start with what would be unsafe, and says what to do."""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from helpdesk.processes import PROJECT
from tests.servers import StartServer, database_url

GOOD_SECRET = "Xq4-vB8_tY2mK9sLw7RzP1nC6dHf3JgAe5UoTi0ZbWxMkSrQuVyD"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": GOOD_SECRET,
    "API_KEY_PEPPERS": GOOD_SECRET[::-1],
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "SITE_URL": "https://help.example.com",
    "ALLOWED_HOSTS": "help.example.com",
}


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {"PATH": os.environ["PATH"], "VAR_DIR": os.environ["VAR_DIR"]}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return start("manage.py", "check", *options, **environment)


def test_good_settings_pass_the_deployment_check_without_a_warning() -> None:
    done = check("--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "API_KEY_PEPPERS", "DATABASE_URL", "SITE_URL", "ALLOWED_HOSTS"]
)
def test_what_is_missing_is_named(name: str) -> None:
    done = check(**{key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_unsafe_is_refused_and_named_at_once() -> None:
    unsafe = {
        "SECRET_KEY": "short",
        "API_KEY_PEPPERS": f"{GOOD_SECRET},aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "DEBUG": "true",
        "ALLOWED_HOSTS": "*",
        "SITE_URL": "http://help.example.com",
    }
    done = check(**PRODUCTION | unsafe)
    assert done.returncode != 0
    _, _, errors = done.stderr.partition("ERRORS:\n")
    errors, _, _ = errors.partition("\n\n")
    # Any one of the errors stops the start.
    assert sorted(re.findall(r"^\?: \(helpdesk\.E\d+\) (.+)$", errors, re.MULTILINE)) == [
        "ALLOWED_HOSTS allows every host.",
        "API_KEY_PEPPERS is weak.",
        "DEBUG is on.",
        "SECRET_KEY is weak.",
        "SITE_URL is not an https address.",
    ]


@pytest.mark.parametrize(
    ("nonsense", "sentence"),
    [
        ({"SITE_URL": "help.example.com"}, "SITE_URL must be a whole address"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "must name a PostgreSQL database"),
        ({"ENVIRONMENT": "staging"}, "must be production, demo or test"),
    ],
)
def test_nonsense_is_refused(nonsense: dict[str, str], sentence: str) -> None:
    done = check(**PRODUCTION | nonsense)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_secrets_of_a_demo_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.env"
    demo = partial(start, "-c", "import helpdesk.settings", ENVIRONMENT="demo", VAR_DIR=str(tmp_path))
    assert demo().returncode == 0
    made = secrets.read_text()
    assert demo().returncode == 0
    assert secrets.read_text() == made
    assert secrets.stat().st_mode & 0o777 == 0o600


def test_a_production_server_refuses_missing_static_files_and_demo_accounts(
    start_server: StartServer, tmp_path: Path
) -> None:
    from accounts.models import Agent, Role

    production = {
        **PRODUCTION,
        "DATABASE_URL": database_url(),
        "HTTPS_ONLY": "false",
        "VAR_DIR": str(tmp_path),
    }
    refused = start("-c", "import helpdesk.wsgi", **production)
    assert "Run: python manage.py collectstatic" in refused.stderr

    assert start("manage.py", "collectstatic", "--noinput", **production).returncode == 0
    start_server(environment=production)

    Agent.objects.create(email="alice@example.com", name="Alice", role=Role.objects.all()[0], is_demo=True)
    with pytest.raises(pytest.fail.Exception, match="demo accounts"):
        start_server(environment=production)
