"""`Idempotency-Key`: a POST sent twice is done once (after the IETF draft of that name).

The row inserted first is the lock. The answer is stored in the transaction that has the effect, so there is
never one without the other. Secrets are left out of what is stored. A refusal has no effect and is not
remembered: the mended request may use the same key.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import ApiError
from accounts.api.shown_once import memorable

KEPT = "24 hours"
ABANDONED = "90 seconds"
"""After this a request without an answer counts as dead: no request can take as long."""

# Kept for a day, so it must not be what looks like a secret.
_KEY = re.compile(r'(?!.*hd[a-z]_[0-9A-Za-z]{8})(?:"([^"\\]{1,255})"|([!#-~]{1,255}))', re.ASCII)

_CLAIM = f"""
    INSERT INTO accounts_idempotentrequest AS kept (credential, key, fingerprint, started_at, location)
    VALUES (%(credential)s, %(key)s, %(fingerprint)s, clock_timestamp(), '')
    ON CONFLICT (credential, key) DO UPDATE SET
        fingerprint = excluded.fingerprint, started_at = excluded.started_at, status = NULL, body = NULL, location = ''
    WHERE kept.started_at < clock_timestamp() - interval '{KEPT}'
       OR (kept.status IS NULL AND kept.started_at < clock_timestamp() - interval '{ABANDONED}')
    RETURNING started_at
"""
_READ = """
    SELECT fingerprint, status, location, body FROM accounts_idempotentrequest
    WHERE credential = %(credential)s AND key = %(key)s
"""
_ANSWERED = """
    UPDATE accounts_idempotentrequest SET status = %(status)s, location = %(location)s, body = %(body)s
    WHERE credential = %(credential)s AND key = %(key)s AND started_at = %(started_at)s AND status IS NULL
"""
_RELEASE = """
    DELETE FROM accounts_idempotentrequest
    WHERE credential = %(credential)s AND key = %(key)s AND started_at = %(started_at)s AND status IS NULL
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key of a credential, for a request of this fingerprint."""

    credential: str
    key: str
    fingerprint: bytes

    @property
    def row(self) -> dict[str, Any]:
        return {"credential": self.credential, "key": self.key, "fingerprint": self.fingerprint}


def once(
    request: Request,
    *,
    credential: str,
    agent: int | None,
    work: Callable[[], Response],
    may_repeat: Callable[[], None],
) -> Response:
    """Do the work, or give the answer it had the first time, marked `Idempotent-Replayed: true`.

    The answer is repeated only to the agent that got it, who passes `may_repeat` still: it raises if not.
    """
    claim = Claim(credential, _key(request), _fingerprint(request, agent))
    started_at = _take(claim)
    if started_at is None:
        earlier = _earlier(claim)
        may_repeat()
        return earlier
    try:
        with transaction.atomic():
            response = work()
            _keep(claim, started_at, response)
    except BaseException:
        _run(_RELEASE, claim.row | {"started_at": started_at})
        raise
    return response


def _key(request: Request) -> str:
    match = _KEY.fullmatch(request.headers.get("Idempotency-Key", "").strip())
    if match is None:
        raise ApiError(
            400,
            "invalid_idempotency_key",
            "Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID.",
        )
    return match[1] or match[2]


def _fingerprint(request: Request, agent: int | None) -> bytes:
    """What makes a request this one: as whom it acts, where it goes and what it says."""
    where = f"{agent} {request.method} {request._request.path_info}?{request.META.get('QUERY_STRING', '')}"
    if not request.content_type.startswith("multipart/"):
        return hashlib.sha256(where.encode() + b"\n" + request._request.body).digest()
    parts: Mapping[str, Any] = request.data  # type: ignore[assignment]
    said = [f"{name}:{_said(part)}" for name, part in sorted(parts.items())]
    return hashlib.sha256("\n".join([where, *said]).encode("utf-8", "replace")).digest()


def _said(part: Any) -> str:
    if not isinstance(part, UploadedFile):
        return str(part)
    content = hashlib.file_digest(part, "sha256").hexdigest()
    part.seek(0)
    return f"{part.name} {content}"


def _take(claim: Claim) -> datetime | None:
    row = _run(_CLAIM, claim.row)
    return row[0] if row else None


def _earlier(claim: Claim) -> Response:
    row = _run(_READ, claim.row)
    if row is None or row[1] is None:
        raise ApiError(
            409,
            "idempotency_in_progress",
            "The first request with this Idempotency-Key is still being worked on. Ask again in a moment.",
            headers={"Retry-After": "1"},
        )
    fingerprint, status, location, body = row
    if bytes(fingerprint) != claim.fingerprint:
        raise ApiError(
            422,
            "idempotency_mismatch",
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            fields={},
            errors=[],
        )
    headers = {"Idempotent-Replayed": "true"} | ({"Location": location} if location else {})
    return Response(_parsed(body), status=status, headers=headers)


def _keep(claim: Claim, started_at: datetime, response: Response) -> None:
    body = memorable(response)
    kept = claim.row | {
        "started_at": started_at,
        "status": response.status_code,
        "location": response.headers.get("Location", ""),
        "body": None if body is None else JSONRenderer().render(body),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, kept)
        if cursor.rowcount != 1:
            # Somebody took this request for dead and does it himself: undo ours.
            raise ApiError(
                409, "idempotency_in_progress", "This request took too long and is being done again."
            )


def _parsed(body: Any) -> Any:
    return None if body is None else JSONParser().parse(io.BytesIO(bytes(body)))


def _run(sql: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
    return row


def forget_old() -> None:
    """Remove what is kept no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM accounts_idempotentrequest WHERE started_at < clock_timestamp() - interval '{KEPT}'"
        )
