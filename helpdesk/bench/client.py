"""A client that costs little itself: it shares the machine with the server it measures."""

from __future__ import annotations

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from helpdesk.bench.cases import Case

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TIMEOUT = 30


def send(case: Case, port: int, *, requests: int, connections: int) -> list[float]:
    """Send the request so often over so many connections at once; give the seconds that each one took."""
    with ThreadPoolExecutor(connections) as pool:
        shares = pool.map(lambda _: _send_in_turn(case, port, requests // connections), range(connections))
        return [seconds for share in shares for seconds in share]


def _send_in_turn(case: Case, port: int, requests: int) -> list[float]:
    message = _message(case, port)
    taken = []
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(requests):
            began = time.perf_counter()
            connection.sendall(message)
            _read_answer(connection, case)
            taken.append(time.perf_counter() - began)
    return taken


def _message(case: Case, port: int) -> bytes:
    headers = {"Host": f"127.0.0.1:{port}", "User-Agent": "bench", "Accept": "*/*"} | case.headers
    lines = [f"GET {case.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read_answer(connection: socket.socket, case: Case) -> None:
    answer = connection.recv(65_536)
    while b"\r\n\r\n" not in answer:
        answer += _more(connection, case)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or length is None:
        raise RuntimeError(
            f"{case.path} answered {head.splitlines()[0].decode()!r} in the middle of measuring."
        )
    missing = int(length[1]) - len(body)
    while missing > 0:
        missing -= len(_more(connection, case))


def _more(connection: socket.socket, case: Case) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise RuntimeError(f"The server closed the connection while it answered {case.path}.")
    return part
