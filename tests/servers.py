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
        self,
        *,
        processes: int = 1,
        threads: int = 4,
        environment: Mapping[str, str] | None = None,
        of_its_own: bool = False,
    ) -> RunningServer: ...


StartWorker = Callable[[], subprocess.Popen[bytes]]


class SharedServers:
    """Servers that stay up from one test to the next, because starting one takes longer than most tests."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._running: dict[tuple[int, int], RunningServer] = {}

    def get(self, processes: int, threads: int) -> RunningServer:
        size = (processes, threads)
        if size not in self._running:
            log = self._folder / f"server-{processes}x{threads}.log"
            self._running[size] = self._stack.enter_context(_server(log, processes, threads, {}))
        return self._running[size]


@pytest.fixture(scope="session")
def shared_servers(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedServers]:
    with ExitStack() as stack:
        yield SharedServers(stack, tmp_path_factory.mktemp("servers"))


@pytest.fixture
def start_server(
    transactional_db: None, tmp_path: Path, shared_servers: SharedServers
) -> Iterator[StartServer]:
    """
    Have granian serve the test database on a free port, with any number of processes.

    `start_server(processes=2).url` is the address, without a slash at its end. With another environment, or when
    the test asks for one `of_its_own`, it is started for the test and stops with it; otherwise tests share it.
    """
    with ExitStack() as servers:

        def start(
            *,
            processes: int = 1,
            threads: int = 4,
            environment: Mapping[str, str] | None = None,
            of_its_own: bool = False,
        ) -> RunningServer:
            if not (environment or of_its_own):
                return shared_servers.get(processes, threads)
            log = tmp_path / f"server-{time.monotonic_ns()}.log"
            return servers.enter_context(_server(log, processes, threads, environment or {}))

        yield start
    _wait_until_nothing_is_written()


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


def _wait_until_nothing_is_written() -> None:
    """An answer may be read before its request is logged; emptying the tables meanwhile would be a deadlock."""
    from django.db import connection

    busy = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
          AND backend_type = 'client backend'
    """
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while cursor.execute(busy).fetchone() != (0,) and time.monotonic() < deadline:
            time.sleep(0.02)


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
