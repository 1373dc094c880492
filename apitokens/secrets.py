"""Secrets of credentials: how they are made, recognised and remembered.

A prefix that says what it opens + 32 random base62 characters (190 bits) + 6 base62 characters of CRC-32 over all
before. The checksum lets typing errors and leaks be recognised without a database. Only an HMAC of the secret is ever
stored.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib

from django.conf import settings

KEY_PREFIX, BOT_PREFIX = "hdk_", "hdb_"
ACCESS_PREFIX, REFRESH_PREFIX, CLIENT_PREFIX = "hdo_", "hdr_", "hds_"
PREFIXES = (KEY_PREFIX, BOT_PREFIX, ACCESS_PREFIX, REFRESH_PREFIX, CLIENT_PREFIX)
"""Of every kind of credential whose secrets are put together in this way."""
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY, _CHECK = 32, 6
_ANY_PREFIX = f"({'|'.join(PREFIXES)})"
_WELL_FORMED = re.compile(rf"{_ANY_PREFIX}[0-9A-Za-z]{{{_BODY + _CHECK}}}", re.ASCII)
_LOOKS_LIKE_ONE = re.compile(rf"{_ANY_PREFIX}[0-9A-Za-z]{{8,}}", re.ASCII)


def generate(prefix: str = KEY_PREFIX) -> str:
    """A new secret from the operating system's random source."""
    start = prefix + "".join(secrets.choice(ALPHABET) for _ in range(_BODY))
    return start + _checksum(start)


def is_well_formed(secret: str) -> bool:
    """Could this be a secret of ours at all?"""
    return bool(_WELL_FORMED.fullmatch(secret)) and _checksum(secret[:-_CHECK]) == secret[-_CHECK:]


def prefix_of(secret: str) -> str:
    """What says of which kind it is: all prefixes are of one length."""
    return secret[: len(KEY_PREFIX)]


def digest(secret: str) -> bytes:
    """What is stored: keyed with the newest pepper."""
    return _hmac(settings.API_KEY_PEPPERS[0], secret)


def digests(secret: str) -> list[bytes]:
    """What a stored secret may have become: one digest for each pepper still in use."""
    return [_hmac(pepper, secret) for pepper in settings.API_KEY_PEPPERS]


def code_digests(code: str) -> list[str]:
    """The same, in hex, of an OAuth authorization code; the newest pepper's first."""
    return [
        hmac.digest(pepper.encode(), b"helpdesk authorization code:" + code.encode(), "sha256").hex()
        for pepper in settings.API_KEY_PEPPERS
    ]


def hint(secret: str) -> str:
    """The last characters, by which people tell keys apart."""
    return secret[-4:]


def shown(secret: str) -> str:
    """A secret as it may be shown: its prefix and its last characters."""
    return f"{prefix_of(secret)}…{hint(secret)}"


def mask(text: str) -> str:
    """The text with whatever looks like a secret blacked out."""
    return _LOOKS_LIKE_ONE.sub(r"\1…", text)


def _hmac(pepper: str, secret: str) -> bytes:
    return hmac.digest(pepper.encode(), b"helpdesk api key:" + secret.encode(), "sha256")


def _checksum(text: str) -> str:
    number, characters = zlib.crc32(text.encode()), []
    for _ in range(_CHECK):
        number, index = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[index])
    return "".join(reversed(characters))
