"""Keeping what must be read again, such as the seed of a second step, unreadable for whoever has only the database."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """It was sealed with a SECRET_KEY that is neither the present one nor among SECRET_KEY_FALLBACKS."""


def seal(secret: bytes, *, purpose: str) -> bytes:
    """The secret, encrypted and authenticated with a key that SECRET_KEY and the purpose give."""
    return _box(purpose).encrypt(secret)


def unseal(sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """The secret again. Raises Unreadable."""
    try:
        return _box(purpose).decrypt(bytes(sealed))
    except InvalidToken:
        raise Unreadable from None


def _box(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"helpdesk {purpose}".encode())
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
