"""Real servers for tests: granian processes and task workers on the current test database."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode

import pytest

from helpdesk import processes


@dataclass(frozen=True)
class RunningServer:
    url: str
    process: subprocess.Popen[bytes]
    log: Path


class StartServer(Protocol):
    def __call__(
        self, *, processes: int = 1, threads: int = 4, environment: Mapping[str, str] | None = None
    ) -> RunningServer: ...


StartWorker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start_server(transactional_db: None, tmp_path: Path) -> Iterator[StartServer]:
    """
    Start granian on a free port, with any number of processes and any change of the environment.

    `start_server(processes=2).url` is the address, without a slash at its end. It stops when the test ends.
    """
    with ExitStack() as servers:

        def start(
            *, processes: int = 1, threads: int = 4, environment: Mapping[str, str] | None = None
        ) -> RunningServer:
            log = tmp_path / f"server-{time.monotonic_ns()}.log"
            return servers.enter_context(_server(log, processes, threads, environment or {}))

        yield start


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """Start a worker that runs the tasks of the test database until the test ends."""
    with ExitStack() as workers:

        def start() -> subprocess.Popen[bytes]:
            output = workers.enter_context((tmp_path / f"worker-{time.monotonic_ns()}.log").open("w"))
            worker = processes.start(processes.worker_command(), {"DATABASE_URL": database_url()}, output)
            workers.callback(processes.stop, worker)
            return worker

        yield start


@contextmanager
def _server(log: Path, count: int, threads: int, environment: Mapping[str, str]) -> Iterator[RunningServer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = processes.web_command(port, processes=count, threads=threads, log_level="info")
    settings = {
        "DATABASE_URL": database_url(),
        "PORT": str(port),
        "SITE_URL": url,
        "WEB_THREADS": str(threads),
    }
    with log.open("w") as output:
        process = processes.start(command, settings | dict(environment), output)
    try:
        _wait_until_every_process_serves(process, url, log, count)
        yield RunningServer(url, process, log)
    finally:
        processes.stop(process)


def _wait_until_every_process_serves(
    process: subprocess.Popen[bytes], url: str, log: Path, count: int
) -> None:
    """One answer is not enough: the other processes may still be starting and take no request."""
    deadline = time.monotonic() + 60
    while not processes.answers(url) or len(re.findall(r"Started worker-\d+\b", log.read_text())) < count:
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The web server did not start:\n{log.read_text()}")
        time.sleep(0.05)


def database_url() -> str:
    """Return the address of the current test database, for another process."""
    from django.db import connection

    database = connection.settings_dict
    user, password, port = (quote(str(database[key]), safe="") for key in ("USER", "PASSWORD", "PORT"))
    query = urlencode({"host": database["HOST"]} | ({"port": port} if port else {}))
    return f"postgresql://{user}{':' * bool(password)}{password}@/{quote(database['NAME'])}?{query}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
