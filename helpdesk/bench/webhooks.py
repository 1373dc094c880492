"""How many webhooks workers deliver, and what each costs, while the web server is being asked as well."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connection
from django.utils import timezone

from accounts.models import Agent
from activity.actor import Door, system_actor
from automations import outbox
from automations.actions import create_webhook, delete_webhook
from automations.models import Delivery, State, Webhook
from helpdesk.bench import cpu
from helpdesk.bench.cases import Case
from helpdesk.bench.client import send

_PATIENCE = 600
_ACTOR = system_actor(door=Door.COMMAND)


@dataclass(frozen=True, slots=True)
class Result:
    delivered: int
    seconds: float
    worker_ms: float
    """CPU of the workers for each delivery."""
    database_ms: float
    """CPU of PostgreSQL for each, with that for the requests to the web server."""
    requests: int
    """Answered by the web server meanwhile."""


def measure(count: int, *, workers: Sequence[int], database: Sequence[int], web: Case, port: int) -> Result:
    """Have the workers, whose process ids these are, deliver so many events to a receiver that answers at once."""
    with _receiver() as url:
        webhook = _webhook(url)
        try:
            # Once before it counts: the workers start, connect and prepare their statements.
            _deliver(webhook, 50)
            with _asking(web, port) as asked:
                before = cpu.seconds(*workers), cpu.seconds(*database), time.perf_counter()
                delivered = _deliver(webhook, count)
                after = cpu.seconds(*workers), cpu.seconds(*database), time.perf_counter()
        finally:
            delete_webhook(webhook, actor=_ACTOR)
    worker, postgres, took = (late - early for early, late in zip(before, after, strict=True))
    return Result(delivered, took, worker * 1000 / delivered, postgres * 1000 / delivered, len(asked))


def told(result: Result, workers: int) -> str:
    return (
        f"{result.delivered:,} webhooks by {workers} workers in {result.seconds:.1f} s: "
        f"{result.delivered / result.seconds:.0f} a second,\n"
        f"with {result.worker_ms:.1f} ms CPU of the workers and {result.database_ms:.1f} ms of PostgreSQL for each, "
        f"beside {result.requests / result.seconds:.0f} requests a second to /me."
    )


def _webhook(url: str) -> Webhook:
    agent = next(agent for agent in Agent.objects.active().select_related("role") if agent.is_superuser)
    return create_webhook(name="Bench", url=url, types=["webhook.disabled"], agent=agent, actor=_ACTOR)[0]


def _deliver(webhook: Webhook, count: int) -> int:
    """As if so many events had just happened; wait until they are delivered."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM automations_delivery WHERE webhook_id = %s", [webhook.pk])
        cursor.execute(_EVENTS, [webhook.pk, now, now, count])
        made = int(cursor.rowcount)
    outbox.wake()
    outbox.wake(at=now)  # One for each worker.
    waiting = Delivery.objects.filter(webhook=webhook).exclude(state=State.DELIVERED)
    deadline = time.monotonic() + _PATIENCE
    while waiting.exists():
        if time.monotonic() > deadline:
            raise RuntimeError("The webhooks were not delivered in ten minutes.")
        time.sleep(0.1)
    return made


_EVENTS = """
    INSERT INTO automations_delivery
        (webhook_id, event_id, type, state, created_at, due_at, attempts, tries, reason)
    SELECT %s, id, type, 'pending', %s, %s, 0, 0, '' FROM activity_event
    WHERE subject_type = 'ticket' ORDER BY id DESC LIMIT %s
"""


@contextmanager
def _asking(case: Case, port: int) -> Iterator[list[float]]:
    """One client asks the web server, again and again. Gives how long each request took."""
    over, latencies = threading.Event(), list[float]()

    def ask() -> None:
        while not over.is_set():
            latencies.extend(send(case, port, requests=20, connections=1))

    client = threading.Thread(target=ask, daemon=True)
    client.start()
    try:
        yield latencies
    finally:
        over.set()
        client.join()


@contextmanager
def _receiver() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """It would print each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
