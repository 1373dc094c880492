"""The processes that serve the product: how each is started, waited for and stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1


def web_command(port: int, *, processes: int, threads: int, log_level: str = "warning") -> list[str]:
    """Granian, answering `processes` times `threads` requests at once."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "helpdesk.wsgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws"),
        *("--workers", str(processes), "--blocking-threads", str(threads)),
        *("--workers-kill-timeout", "10s", "--log-level", log_level),
    ]


def worker_command() -> list[str]:
    return [sys.executable, str(PROJECT / "manage.py"), "procrastinate", "worker"]


def start(
    command: Sequence[str], environment: Mapping[str, str], output: IO[str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that ends with us, even if we are killed, but not by a Ctrl-C that is meant for us."""
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - we start processes before we start any thread.
    )


def stop(process: subprocess.Popen[bytes], *, patience: float = 15) -> None:
    """Ask the process to end its work; after `patience` seconds end it all the same."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    """Whether a web server answers there at all, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server.
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def is_well(url: str) -> bool:
    """Whether a web server answers there, and that all is well."""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 - our own server.
            return True
    except OSError:
        return False


def wait_until_answering(url: str, process: subprocess.Popen[bytes], *, patience: float = 60) -> bool:
    """Wait for the web server; return False if it ended or if `patience` seconds are over."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        if answers(url):
            return True
        time.sleep(0.1)
    return False


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
