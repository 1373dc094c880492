"""While the database is away every door says so quickly; when it is back, everything works again by itself."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from helpdesk.processes import PROJECT
from tests.length import at_length
from tests.servers import StartServer

MIGRATE_AND_HOLD = """
import sys
from django.core.management import call_command
from pathlib import Path
from helpdesk import embedded_postgres
url = embedded_postgres.ensure(Path(sys.argv[1]), durable=False)
if sys.argv[2] == "migrate":
    import os
    os.environ["DATABASE_URL"] = url
    import django
    django.setup()
    call_command("migrate", verbosity=0)
print(url, flush=True)
sys.stdin.readline()
"""


@contextmanager
def database(var_dir: Path, *, migrate: bool = False) -> Iterator[str]:
    """Have a database of our own run while the block does; give its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", MIGRATE_AND_HOLD, str(var_dir), "migrate" if migrate else "as it is"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("\n", timeout=60)


@at_length
def test_every_door_says_so_at_once_and_recovers(start_server: StartServer, var_dir: Path) -> None:
    with database(var_dir, migrate=True) as url:
        server = start_server(environment={"DATABASE_URL": url})
        client = httpx.Client(base_url=server.url, timeout=60)
        assert client.get("/healthz").status_code == 200

    client.cookies.set("sessionid", "anything")
    for path in ("/healthz", "/api/v1/me", "/sign-in/"):
        # The quickest of three: a busy machine is not what is asked for.
        assert min(_refused(client, path) for _ in range(3)) < 5, path

    with database(var_dir):
        for _ in range(20):  # The pool tries again by itself, a little later each time.
            if client.get("/healthz").status_code == 200:
                break
            time.sleep(0.5)
        assert client.get("/healthz").status_code == 200
        assert client.get("/sign-in/").status_code == 200


def _refused(client: httpx.Client, path: str) -> float:
    """How many seconds it takes to say that the database is away. The pool waits for three of them."""
    asked = time.monotonic()
    answer = client.get(path, headers={"Authorization": f"Bearer {a_key()}"})
    assert answer.status_code == 503, path
    assert answer.headers["Retry-After"]
    return time.monotonic() - asked


def a_key() -> str:
    from apitokens import secrets

    return secrets.generate()
