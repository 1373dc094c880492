"""The one way in which we call addresses that somebody typed: webhooks now, and whatever else is set in the UI later.

A name is resolved once. If any of its addresses is none that we may reach, nothing is connected to; otherwise the
connection goes to exactly the address that was looked at, while the certificate is asked for the name. Nothing is
redirected, no proxy of the environment is used, and however slowly the other side drips, it is over in time.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from queue import Empty, Queue
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from accounts.reachable import may_reach
from accounts.sentences import gettext as _

MOST_READ = 65_536
"""Bytes of an answer's body: beyond them we hang up."""
LONGEST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_NOT_BELOW = 1_024
"""Ports below belong to other protocols, but for the two of the web."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


class Unreachable(Exception):
    """No answer: `reason` in a word for programs, and a sentence for people."""

    def __init__(self, reason: str, sentence: str, address: str = "") -> None:
        super().__init__(sentence)
        self.reason, self.sentence, self.address = reason, sentence, address


class Forbidden(Unreachable):
    """We do not call this. Nothing was connected to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that is well-formed. Where it leads is looked at when it is called."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as it stands in the header, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """As far as it was read."""
    address: str

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")


def target(url: str) -> Target:
    """What the URL says. Raises Forbidden with a sentence for whoever typed it."""
    if len(url) > LONGEST_URL:
        raise _wrong(_("A URL may have at most %(most)d characters.") % {"most": LONGEST_URL})
    if not url.isprintable() or not url.isascii() or set(url) & set(' \\"<>^`{|}'):
        raise _wrong(
            _("The URL holds a character that does not belong there: write it encoded, names in Punycode.")
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong(_("This is no URL. One looks like https://hooks.example.com/helpdesk.")) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _wrong(_("Give a whole URL that begins with https:// or http://."))
    if "@" in parts.netloc:
        raise _wrong(_("A URL with a name and password in it is not called. Leave out what stands before @."))
    if parts.fragment or url.endswith("#"):
        raise _wrong(_("Leave out the # and what follows it: it is never sent."))
    return Target(parts.scheme, _host(parts.hostname), _port(parts, port), _path(parts))


def _port(parts: SplitResult, port: int | None) -> int:
    if port is None:
        return _PORTS[parts.scheme]
    if port not in _PORTS.values() and port < _NOT_BELOW:
        raise _wrong(
            _("Port %(port)d is not called: choose 80, 443, or one from 1024 upwards.") % {"port": port}
        )
    return port


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _host(host: str) -> str:
    """A name, or an address in its usual spelling. A number in any other (octal, hexadecimal) is refused."""
    if ":" in host:
        if "%" in host or not _is_ipv6(host):
            raise _wrong(_("“%(host)s” is no IPv6 address.") % {"host": host})
        return host
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _wrong(_("“%(host)s” is no name of a machine.") % {"host": host})
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]) and not _is_plain_ipv4(host):
        raise _wrong(_("Write an address as four decimal numbers: 203.0.113.7."))
    return host


def _is_ipv6(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, host)
    except OSError:
        return False
    return True


def _is_plain_ipv4(host: str) -> bool:
    parts = host.split(".")
    return (
        len(parts) == 4
        and all(part == str(int(part)) and int(part) < 256 for part in parts if part.isdigit())
        and (all(part.isdigit() for part in parts))
    )


def _wrong(sentence: str) -> Forbidden:
    return Forbidden("invalid_url", sentence)


# --- Calling --------------------------------------------------------------------------------------------------


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body and read the answer, whatever its status. Raises Unreachable, or Forbidden before connecting.

    From the look-up of the name to the end of the answer it takes OUTGOING_SECONDS at most.
    """
    seconds = settings.OUTGOING_SECONDS
    deadline = time.monotonic() + seconds
    wanted = target(url)
    address = _checked(wanted, deadline)
    try:
        return _ask(wanted, address, body, headers, deadline)
    except TimeoutError:
        raise Unreachable("timeout", _timed_out(seconds), address) from None
    except ssl.SSLCertVerificationError as error:
        sentence = _("The certificate is not accepted: %(why)s.") % {"why": error.verify_message.rstrip(".")}
        raise Unreachable("certificate", sentence, address) from None
    except ssl.SSLError as error:
        sentence = _("TLS failed: %(why)s.") % {"why": (error.reason or "").lower().replace("_", " ")}
        raise Unreachable("tls", sentence, address) from None
    except (http.client.HTTPException, ValueError):
        raise Unreachable("no_http", _("What came back is no answer of HTTP."), address) from None
    except OSError as error:
        sentence = _("The connection failed: %(why)s.") % {"why": (error.strerror or "closed").lower()}
        raise Unreachable("connection", sentence, address) from None


def _timed_out(seconds: float) -> str:
    return _("There was no whole answer within %(seconds)d seconds.") % {"seconds": round(seconds)}


def _checked(wanted: Target, deadline: float) -> str:
    """The one address that we connect to. One that we may not reach among them spoils them all."""
    addresses = _resolved(wanted, deadline)
    for address in addresses:
        if not may_reach(address):
            leads = {"host": wanted.host, "address": address}
            sentence = _("%(host)s leads to %(address)s, which is not on the public internet.") % leads
            if wanted.host == address:
                sentence = _("%(address)s is not on the public internet.") % leads
            raise Forbidden("address_not_allowed", sentence, address)
    return addresses[0]


def _resolved(wanted: Target, deadline: float) -> list[str]:
    """The system's resolver knows no time limit: we stop waiting for it, and it ends by itself."""
    found: Queue[list[str] | OSError] = Queue()

    def resolve() -> None:
        try:
            rows = socket.getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)
            found.put([str(row[4][0]) for row in rows])
        except (OSError, UnicodeError) as error:
            found.put(OSError(str(error)))

    threading.Thread(target=resolve, daemon=True).start()
    try:
        answer = found.get(timeout=max(0.001, deadline - time.monotonic()))
    except Empty:
        raise Unreachable("timeout", _("The name could not be looked up in time.")) from None
    if isinstance(answer, OSError) or not answer:
        sentence = _("There is no address for the name %(host)s.") % {"host": wanted.host}
        raise Unreachable("unknown_host", sentence)
    return answer


def _ask(wanted: Target, address: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
    connection = http.client.HTTPConnection(wanted.host, wanted.port)
    connection.sock = _connected(wanted, address, deadline)
    try:
        connection.putrequest("POST", wanted.path, skip_host=True, skip_accept_encoding=True)
        fixed = {"Host": wanted.authority, "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in {**fixed, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        kept = tuple((name, value) for name, value in response.getheaders())
        return Answer(response.status, kept, _read(response), address)
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(MOST_READ)
    except http.client.IncompleteRead as error:
        return error.partial[:MOST_READ]


def _connected(wanted: Target, address: str, deadline: float) -> Any:
    """A socket to this very address: given a number, no resolver is asked again."""
    plain = _Timed(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    plain.deadline = deadline
    try:
        plain.be_in_time()
        plain.connect((address, wanted.port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if wanted.scheme == "http":
            return plain
        plain.be_in_time()
        secure = _tls().wrap_socket(plain, server_hostname=wanted.host, do_handshake_on_connect=False)
        secure.deadline = deadline  # type: ignore[attr-defined]
        secure.be_in_time()  # type: ignore[attr-defined]
        secure.do_handshake()
    except BaseException:
        plain.close()
        raise
    return secure


class _InTime:
    """Each step may take what is left until the deadline, so that many small steps cannot take longer."""

    deadline = 0.0

    def be_in_time(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)  # type: ignore[attr-defined]

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.be_in_time()
        count: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.be_in_time()
        count: int = super().send(*args, **kwargs)  # type: ignore[misc]
        return count

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.be_in_time()
        super().sendall(*args, **kwargs)  # type: ignore[misc]


class _Timed(_InTime, socket.socket):
    pass


class _TimedTLS(_InTime, ssl.SSLSocket):
    pass


@cache
def _tls() -> ssl.SSLContext:
    """Certificates and names are checked as the system's authorities say. Loading them takes a while."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TimedTLS
    context.set_alpn_protocols(["http/1.1"])
    return context
