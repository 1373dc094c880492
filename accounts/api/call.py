"""One request to the API, from its first byte to its line in the key's log."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from activity.actor import Actor

if TYPE_CHECKING:
    from accounts.api.operations import Operation

# Logged, kept with events and echoed, so it must not be what looks like a secret.
_REQUEST_ID = re.compile(r"(?!.*hd[a-z]_[0-9A-Za-z]{8})[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(slots=True)
class Rate:
    """A credential's window: `limit` requests in the minute that ends at `reset` (epoch seconds)."""

    policy: str
    limit: int
    remaining: int
    reset: int
    seconds_left: int


@dataclass(slots=True)
class Credential:
    """The credential a request was made with. What `/me` tells and what the log remembers."""

    id: int
    name: str
    kind: str
    scheme: str
    access_level: str
    scopes: list[str]
    tags: list[str]
    expires_at: datetime | None
    ip_restricted: bool
    owner_id: int
    secret: str
    """Which of the credential's secrets was sent: `current`, or the `previous` one while both are accepted."""
    method: str = "api_key"
    """What kind of credential this is: `api_key`, or `oauth` for a token of an application."""
    application_id: int | None = None
    """The application that holds an OAuth token. `id` is then that of what its agent allowed."""


@dataclass(slots=True)
class ApiCall:
    """What is known about a request so far. Filled in on the way in, read on the way out."""

    request_id: str
    started: float = field(default_factory=time.perf_counter)
    credential: Credential | None = None
    sequence: int | None = None
    rate: Rate | None = None
    actor: Actor | None = None
    agent_source: str = "none"
    operation: Operation | None = None
    code: str = ""
    reason: str = ""
    version: int | None = None
    """The version of the one object the answer shows, which its ETag begins with."""
    replayed: bool = False
    """Whether this was the repetition of an earlier request, answered from memory."""

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000


def begin(request: HttpRequest) -> ApiCall:
    """Start the record of a request, under the client's own id for it if that is harmless."""
    given = request.headers.get("X-Request-ID", "")
    call = ApiCall(given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex)
    request.api_call = call  # type: ignore[attr-defined]
    return call


def of(request: HttpRequest) -> ApiCall:
    """The record of this request; a new one for requests that did not come through the middleware."""
    return getattr(request, "api_call", None) or begin(request)
