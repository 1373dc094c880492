"""One attempt: the message as it leaves, and what came of it. It knows no database, so it may take its time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import outgoing
from accounts.sentences import gettext as _
from automations import signatures

AGENT = "Helpdesk-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent. The secrets are the newest and, while they are rotated, the one before."""

    delivery_id: int
    webhook_id: int
    message_id: str
    number: int
    url: str
    body: bytes
    secrets: Sequence[str]

    def __repr__(self) -> str:
        return f"<Message {self.message_id}, attempt {self.number}>"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: an answer, or the reason why there was none."""

    at: datetime
    duration_ms: int
    status: int | None = None
    error: str = ""
    sentence: str = ""
    address: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    retry_after: int | None = None
    """Seconds that the receiver asks us to wait."""

    @property
    def has_succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@sensitive_variables()
def send(message: Message) -> Outcome:
    """Never raises: whatever happens is an outcome."""
    at, started = timezone.now(), time.monotonic()
    timestamp = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": message.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures.sign(message.secrets, message.message_id, timestamp, message.body),
    }
    try:
        answer = outgoing.post(message.url, message.body, headers)
    except outgoing.Unreachable as error:
        return Outcome(
            at, _since(started), error=error.reason, sentence=error.sentence, address=error.address
        )
    fault, sentence = _judged(answer.status)
    return Outcome(
        at,
        _since(started),
        status=answer.status,
        error=fault,
        sentence=sentence,
        address=answer.address,
        headers=answer.headers,
        body=answer.body,
        retry_after=_asked_to_wait(answer, at),
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _judged(status: int) -> tuple[str, str]:
    if 200 <= status < 300:
        return "", ""
    if 300 <= status < 400:
        return "redirect", _("It answered with a redirect, which is never followed. Enter the final URL.")
    if status == 410:
        return "gone", _("It answered that it is gone for good.")
    return "refused" if status < 500 else "failed", _("It answered %(status)d.") % {"status": status}


def _asked_to_wait(answer: outgoing.Answer, now: datetime) -> int | None:
    """`Retry-After` of a 429 or 503: seconds, or a date."""
    asked = answer.header("Retry-After").strip()
    if answer.status not in {429, 503} or not asked:
        return None
    if asked.isascii() and asked.isdecimal():
        return int(asked[:9])
    try:
        until = parsedate_to_datetime(asked[:100])
        return max(0, round((until - now).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None
