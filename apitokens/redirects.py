"""Where an application's answer may be sent: which addresses can be registered, and which of them a request names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

LOOPBACK = {"127.0.0.1", "::1"}
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
"""A scheme that an app claims for itself is its domain's name backwards (RFC 8252, 7.1)."""
_WRITABLE = re.compile(r"[!-~]+", re.ASCII)


def is_one_of(uri: str, registered: Iterable[str], *, any_loopback_port: bool) -> bool:
    """Character by character. Only the port of a loopback address may differ, where a program picks it (RFC 8252)."""
    known = set(registered)
    if uri in known:
        return True
    return any_loopback_port and _without_port(uri) in {_without_port(other) for other in known} - {None}


def scheme_of(uri: str) -> str:
    return urlsplit(uri).scheme


def origin(uri: str) -> str:
    """What a Content-Security-Policy calls the place: `https://app.example.com`, or `com.example.app:`."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def fault(uri: str) -> str:
    """What is wrong with an address that somebody would register, in words. Empty when nothing is."""
    if not _WRITABLE.fullmatch(uri) or any(c in uri for c in "\"'<>;,"):
        return _("“%(uri)s” holds characters that no address has.") % {"uri": uri}
    try:
        parts = urlsplit(uri)
        _port = parts.port
    except ValueError:
        return _("“%(uri)s” is no address.") % {"uri": uri}
    if "#" in uri:
        return _("“%(uri)s” has a part after #, which is not sent. Leave it out.") % {"uri": uri}
    if "@" in parts.netloc or "*" in uri:
        return _("“%(uri)s” must name one place: without * and without a name before @.") % {"uri": uri}
    return _fault_of_scheme(uri, parts)


def _fault_of_scheme(uri: str, parts: SplitResult) -> str:
    if parts.scheme == "https" and parts.hostname:
        return ""
    if parts.scheme == "http":
        if parts.hostname in LOOPBACK or parts.hostname == "localhost":
            return ""
        return _(
            "“%(uri)s” must begin with https://. Only this computer itself, 127.0.0.1, may do with http."
        ) % {"uri": uri}
    if _PRIVATE_USE.fullmatch(parts.scheme):
        return ""
    return _(
        "“%(uri)s” is no address to go back to. Write https://app.example.com/back, or com.example.app:/back."
    ) % {"uri": uri}


def _without_port(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK or "@" in parts.netloc or "#" in uri:
            return None
        _port = parts.port
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return parts._replace(netloc=host or "")
