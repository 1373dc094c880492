"""`manage.py run`, as a person uses it: in a terminal, on a machine with nothing prepared."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from helpdesk import embedded_postgres
from helpdesk.processes import PROJECT
from tests.length import at_length
from tests.servers import free_port


@contextmanager
def running(var_dir: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the product until the block ends; give the process and what it said until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=PROJECT,
        env=demo_environment(var_dir, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith("Ctrl-C stops everything"):
                break
        yield process, said
    finally:
        process.terminate()
        process.communicate(timeout=60)


def demo_environment(var_dir: Path, port: int) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "ENVIRONMENT": "demo", "VAR_DIR": str(var_dir), "PORT": str(port)}


@at_length
def test_it_serves_until_ctrl_c_and_keeps_the_data(var_dir: Path) -> None:
    port = free_port()
    with running(var_dir, port) as (process, said):
        assert f"http://127.0.0.1:{port}/" in said
        assert httpx.get(f"http://127.0.0.1:{port}/sign-in/", timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert not is_taken(port)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(embedded_postgres.url(var_dir))

    with running(var_dir, port) as (_, said_again):
        assert "Loading demo data" in said
        assert "Loading demo data" not in said_again


def test_a_busy_port_is_named_before_anything_starts(var_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "run"],
            cwd=PROJECT,
            env=demo_environment(var_dir, port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert f"Port {port} is in use" in done.stderr
    assert "Preparing" not in done.stdout


def is_taken(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
