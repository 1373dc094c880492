"""The client that calls what somebody typed: the public internet alone, the address that was looked at, in time."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import outgoing
from accounts.outgoing import Forbidden, Unreachable, post
from accounts.reachable import is_public

SPECIAL = [
    # This machine, in every spelling that resolvers understand, and in some that they should not.
    "127.0.0.1", "127.8.9.10", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001",
    "localhost", "localhost.", "[::1]", "[::]", "0.0.0.0",  # noqa: S104 - nothing is bound to it.
    "0", "0.1.2.3", "127.0.0.1.", "①②⑦.⓪.⓪.①",
    "１２７.0.0.1", "127。0。0。1", "127%2e0%2e0%2e1", "%31%32%37.0.0.1", "256.1.1.1", "1.2.3", "[0:0:0:0:0:0:0:1]",
    # IPv4 in IPv6 clothing: mapped, compatible, translated (NAT64), 6to4, Teredo, ISATAP in a local network.
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
    "[fe80::5efe:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:8.8.8.8]",
    # Private, shared, link-local, and what clouds tell their machines.
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200", "169.254.169.254",
    "168.63.129.16", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fec0::1]",
    # Protocols, documentation, benchmarks, multicast, reserved.
    "192.0.0.1", "192.0.0.192", "192.88.99.1", "192.0.2.1", "198.51.100.7", "203.0.113.7", "198.18.0.1",
    "198.19.255.255", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[ff0e::1]",
    "[2001:db8::1]", "[3fff::1]", "[2001:2::1]", "[2001:10::1]", "[2001:20::1]", "[100::1]", "[5f00::1]",
    "[4000::1]", "[::2]",
]  # fmt: skip


@pytest.fixture
def trap() -> Iterator[Trap]:
    """Listens on every address of this machine. Nobody may come."""
    with socket.create_server(("", 0)) as four, socket.socket(socket.AF_INET6) as six:
        port = four.getsockname()[1]
        six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        six.bind(("::", port))
        six.listen()
        yield Trap(port, [four, six])


class Trap:
    def __init__(self, port: int, sockets: list[socket.socket]) -> None:
        self.port, self._sockets = port, sockets

    @property
    def has_caught(self) -> bool:
        for one in self._sockets:
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.accept()
                return True
        return False


def test_nothing_special_is_connected_to_however_it_is_spelt(trap: Trap) -> None:
    for host in SPECIAL:
        with pytest.raises(Unreachable) as refusal:
            post(f"http://{host}:{trap.port}/", b"{}", {})
        # Not every resolver knows “localhost.”.
        assert refusal.value.reason in {"address_not_allowed", "invalid_url", "unknown_host"}, host
        assert isinstance(refusal.value, Forbidden) or host == "localhost."
        assert refusal.value.sentence.endswith("."), host
        assert not trap.has_caught, host
    # The trap works: without the check somebody would have come.
    socket.create_connection(("127.0.0.1", trap.port)).close()
    assert trap.has_caught


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/", "begins with https://"),
        ("gopher://example.com:11211/", "begins with https://"),
        ("https:example.com", "begins with https://"),
        ("//example.com/", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://user:pass@example.com/", "what stands before @"),
        ("https://example.com@127.0.0.1/", "what stands before @"),
        ("https://example.com/#@127.0.0.1", "the # and what follows"),
        ("https://example.com\\@127.0.0.1/", "does not belong there"),
        ("https://example.com/\r\nHost: x", "does not belong there"),
        ("https://exa mple.com/", "does not belong there"),
        ("https://example.com:25/", "Port 25 is not called"),
        ("https://example.com:0/", "Port 0 is not called"),
        ("https://example.com:99999/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://-x-.example.com/", "no name of a machine"),
        (f"https://example.com/{'a' * 2000}", "at most 2000"),
    ],
)
def test_a_url_that_is_not_called_is_explained(url: str, said: str) -> None:
    with pytest.raises(Forbidden, match=said):
        post(url, b"{}", {})


@given(st.integers(0, 2**32 - 1))
def test_what_python_knows_to_be_special_is_so_for_us(number: int) -> None:
    """Python's own table is older in places, so it may only be stricter than ours where it is wrong."""
    address = ipaddress.IPv4Address(number)
    if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback:
        assert not is_public(address)
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    wrapped = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    translated = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    assert not any(map(is_public, (mapped, wrapped, translated)))


def test_the_public_internet_is_open() -> None:
    for text in ("8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"):
        assert is_public(ipaddress.ip_address(text)), text


def test_a_name_that_leads_elsewhere_a_moment_later_does_not_help(
    trap: Trap, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked for once, and the connection goes to the address that was looked at."""
    settings.OUTGOING_NETWORKS = ["127.0.0.2/32"]
    asked: list[str] = []

    def resolver(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.2" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with serving("127.0.0.2", OK) as port:
        answer = post(f"http://rebound.example:{port}/", b"{}", {})
        assert (answer.status, answer.address, asked) == (200, "127.0.0.2", ["rebound.example"])
        with pytest.raises(Forbidden) as refusal:
            post(f"http://rebound.example:{trap.port}/", b"{}", {})
    assert "rebound.example leads to 127.0.0.1" in refusal.value.sentence
    assert not trap.has_caught


def test_a_name_with_one_bad_address_among_good_ones_is_refused(
    trap: Trap, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.2/32"]
    rows = [(0, 0, 0, "", (address, trap.port)) for address in ("127.0.0.2", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: rows)
    with pytest.raises(Forbidden):
        post(f"http://mixed.example:{trap.port}/", b"{}", {})
    assert not trap.has_caught


def test_an_opened_network_opens_no_other_spelling_of_it(trap: Trap, settings: Settings) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    for host in ("[::ffff:127.0.0.1]", "[::1]", "[2002:7f00:1::]", "10.0.0.1"):
        with pytest.raises(Forbidden):
            post(f"http://{host}:{trap.port}/", b"{}", {})
    assert not trap.has_caught


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextlib.contextmanager
def serving(
    host: str, said: bytes, *, drips: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Says the same to everybody, at once or byte by byte for ever."""
    stop = threading.Event()

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            plain = tls.wrap_socket(connection, server_side=True) if tls else connection
            with plain:
                heard = b""
                while not heard.endswith(
                    b"{}"
                ):  # Who hangs up on half a request takes his answer back with it.
                    heard += (part := plain.recv(65_536))
                    if not part:
                        return
                plain.sendall(said)
                while drips and not stop.wait(0.05):
                    plain.sendall(b"x")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server((host, 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield int(server.getsockname()[1])
        stop.set()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("said", "drips", "reason"),
    [
        (b"", True, "no_http"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", True, "timeout"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", True, "timeout"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", True, "no_http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", False, "no_http"),
        (b"", False, "no_http"),
    ],
)
def test_however_slowly_it_drips_it_is_over_in_time(
    said: bytes, drips: bool, reason: str, settings: Settings
) -> None:
    settings.OUTGOING_NETWORKS, settings.OUTGOING_SECONDS = ["127.0.0.0/8"], 1
    with serving("127.0.0.1", said, drips=drips) as port, pytest.raises(Unreachable) as refusal:
        post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert refusal.value.reason in {reason, "timeout"}
    assert refusal.value.address == "127.0.0.1"


def test_a_long_answer_is_cut_off_and_a_redirect_is_an_answer_like_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    for name in ("http_proxy", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    endless = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n" + b"x" * 1_000_000
    with serving("127.0.0.1", endless) as port:
        answer = post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (answer.status, len(answer.body)) == (302, outgoing.MOST_READ)
    assert answer.header("location") == "http://127.0.0.1:9/"


def test_the_certificate_is_asked_for_the_name_and_not_for_the_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    rows = [(0, 0, 0, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: rows)
    tls, authority, named = certificate(tmp_path, "hooks.example")
    with serving("127.0.0.1", OK, tls=tls) as port:
        with pytest.raises(Unreachable) as refusal:
            post(f"https://hooks.example:{port}/", b"{}", {})
        assert refusal.value.reason == "certificate"
        outgoing._tls().load_verify_locations(authority)
        try:
            assert post(f"https://hooks.example:{port}/", b"{}", {}).status == 200
            assert named == ["hooks.example", "hooks.example"]
            with pytest.raises(Unreachable, match="certificate is not accepted"):
                post(f"https://other.example:{port}/", b"{}", {})
        finally:
            outgoing._tls.cache_clear()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path, list[str | None]]:
    """A server's context with a certificate that nobody knows, its file, and the names that clients ask for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, asked, _context: named.append(asked)
    return context, file, named
