"""`manage.py run`: the whole product in one terminal, to try it out. `make run` calls it."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from accounts.models import Agent
from helpdesk import processes

Children = dict[str, subprocess.Popen[bytes]]
WEB, WORKER = "web server", "worker"
AT_ONCE = 10.0
"""Seconds: a worker that ended before would end again."""


class Command(BaseCommand):
    help = "Prepare the database and serve the product with its worker until Ctrl-C. For trying it out."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "`run` is for trying the product out: set ENVIRONMENT=demo. "
                "In production, start the web server and the worker each by itself, as the README says."
            )
        refuse_a_busy_port()
        with ending_on_signals(), ExitStack() as started:
            self._say("Preparing the database…")
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            self._load_demo_data_once()
            children = start_children(started)
            self._wait_until_serving(children)
            self._say(welcome(settings.SITE_URL))
            self._watch(children, started)
        self._say("Stopped. The data is kept for the next time.")

    def _load_demo_data_once(self) -> None:
        if not Agent.objects.exists():
            self._say("Loading demo data…")
            call_command("demo", verbosity=0)
        elif Agent.objects.filter(is_demo=True).exists():
            call_command("demo", verbosity=0)  # Its keys get new secrets if their file was lost.

    def _wait_until_serving(self, children: Children) -> None:
        if not processes.wait_until_answering(
            f"http://127.0.0.1:{settings.PORT}/healthz", children["web server"]
        ):
            raise CommandError("The web server did not start; what it said stands above.")

    def _watch(self, children: Children, started: ExitStack) -> None:
        """A worker ends when the database goes away; once that is back, another one takes its place."""
        begun = time.monotonic()
        while True:
            for name, child in children.items():
                if child.poll() is None:
                    continue
                if name != WORKER or time.monotonic() - begun < AT_ONCE:
                    raise CommandError(
                        f"The {name} ended by itself with status {child.returncode}; "
                        "what it said stands above. Everything else was stopped."
                    )
                self._say("The worker ended. It is started again as soon as the database answers.")
                wait_for_the_database(children)
                start_child(WORKER, processes.worker_command(), children, started)
                begun = time.monotonic()
            time.sleep(0.5)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def refuse_a_busy_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except PermissionError as error:
            raise CommandError(f"You may not use port {settings.PORT}: try PORT=8000 make run") from error
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} is in use. Stop what uses it, or choose another: "
                f"PORT={settings.PORT + 1} make run"
            ) from error


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block as Ctrl-C does, and nothing interrupt the stopping."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, end)
    try:
        yield
    except KeyboardInterrupt:
        sys.stdout.write("\n")


def start_children(started: ExitStack) -> Children:
    web = processes.web_command(settings.PORT, processes=settings.WEB_PROCESSES, threads=settings.WEB_THREADS)
    children: Children = {}
    start_child(WEB, web, children, started)
    start_child(WORKER, processes.worker_command(), children, started)
    return children


def start_child(name: str, command: list[str], children: Children, started: ExitStack) -> None:
    environment = {
        "ENVIRONMENT": settings.ENVIRONMENT,
        "VAR_DIR": str(settings.VAR_DIR),
        "DATABASE_URL": settings.DATABASE_URL,
        "WEB_THREADS": str(settings.WEB_THREADS),
    }
    children[name] = processes.start(command, environment)
    started.callback(processes.stop, children[name])


def wait_for_the_database(children: Children) -> None:
    """Until the web server finds it, or is gone itself."""
    while not processes.is_well(f"http://127.0.0.1:{settings.PORT}/healthz") and children[WEB].poll() is None:
        time.sleep(1)


def welcome(base_url: str) -> str:
    """
    Say where to go, who may sign in, and how to call the API.

    `manage.py demo` leaves what it takes in VAR_DIR/demo.json, readable by its owner only:
    {"sign_ins": [{"email": …, "password": …, "who": …}], "keys": [{"id": …, "secret": …}]}.
    """
    lines = ["", f"The helpdesk is ready: {base_url}/", f"Its admin: {base_url}/admin/"]
    demo_file = settings.VAR_DIR / "demo.json"
    if demo_file.exists():
        demo = json.loads(demo_file.read_text())
        lines += ["", "Sign in as"]
        lines += [f"  {one['email']:<28} {one['password']:<20} {one['who']}" for one in demo["sign_ins"]]
        key = demo["keys"][0]
        lines += ["", "Call the API, in either spelling:"]
        lines += [f"  curl -H 'Authorization: Bearer {key['secret']}' {base_url}/api/v1/me"]
        lines += [f"  curl -H 'Authorization: key {key['id']}:{key['secret']}' {base_url}/api/v1/tickets"]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])
