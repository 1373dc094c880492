"""Somebody who is told: a real HTTP server that does what its address says, and remembers what it got."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = tuple[int, dict[str, str], bytes]
Behaviour = Callable[[Received], Reply]


@dataclass
class Receiver:
    """`receiver.url("/ok")` answers 200, and other paths as `answers` says. `/hang` never answers."""

    address: str
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Behaviour] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/ok") -> str:
        return f"{self.address}{path}"

    def at(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]

    def reply(self, got: Received) -> Reply:
        self.received.append(got)
        if got.path == "/hang":
            self.released.wait(30)
        return self.answers.get(got.path, answering(200))(got)


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _got: (status, named, body)


@contextmanager
def receiver(host: str = "127.0.0.1") -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # Whoever sent it was killed in the middle.
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, own, said = ear.reply(Received(self.path, headers, body))
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(said)), **own}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

        def log_message(self, *_args: object) -> None:
            """Nothing: pytest would show it."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_args: Any) -> None:
            """Nothing: it was meant."""

    server = Server((host, 0), Handler)
    ear = Receiver(f"http://{host}:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
    try:
        yield ear
    finally:
        ear.released.set()
        server.shutdown()
        server.server_close()
