"""Standard Webhooks 1.0: what a secret looks like, and how a message is signed with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.views.decorators.debug import sensitive_variables

PREFIX = "whsec_"
_BYTES = 32


def generate() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


@sensitive_variables()
def sign(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """One signature for each secret, the newest first: a receiver is content with any that it can verify."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_signature(key, signed)}" for key in keys)


@sensitive_variables()
def _signature(key: str, signed: bytes) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
