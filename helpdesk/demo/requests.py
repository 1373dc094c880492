"""The last 50 requests of the demo's keys, as their log would show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import Agent, Contact
from apitokens.models import RING_SIZE, ApiKey, KeyUsage, LoggedRequest
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    query: str
    scope: str
    status: int
    refusals: tuple[tuple[int, str, str], ...]
    """Status, code and reason of what it sometimes gets instead."""


_INVALID = (422, "VALIDATION_FAILED", "invalid")
_LATE = (429, "RATE_LIMITED", "quota_exceeded")
_UNSEEN = (404, "NOT_FOUND", "not_found")

_CALLS = {
    "tickets.list": Call("GET", "tickets", "status=open&per_page=25", "tickets:read", 200, (_LATE,)),
    "tickets.read": Call("GET", "tickets/{ticket}", "", "tickets:read", 200, (_UNSEEN,)),
    "tickets.reply": Call("POST", "tickets/{ticket}/reply", "", "messages:write", 201, (_INVALID,)),
    "tickets.note": Call("POST", "tickets/{ticket}/note", "", "notes:write", 201, (_UNSEEN,)),
    "tickets.create": Call("POST", "tickets", "", "tickets:write", 201, (_INVALID,)),
    "contacts.list": Call("GET", "contacts", "updated_since", "contacts:read", 200, (_LATE,)),
    "contacts.update": Call("PATCH", "contacts/{contact}", "", "contacts:write", 200, (_INVALID,)),
}


def log(
    key: ApiKey,
    *,
    operations: dict[str, int],
    refused: int,
    program: str,
    address: str,
    now: datetime,
    rng: Random,
) -> None:
    """Fill the ring of a key that has none: `operations` by weight, `refused` of them in percent."""
    if LoggedRequest.objects.filter(key=key).exists():
        return
    ids = {
        "ticket": list(Ticket.objects.order_by("-pk").values_list("pk", flat=True)[:40]),
        "contact": list(Contact.objects.order_by("-pk").values_list("pk", flat=True)[:40]),
    }
    colleagues = list(Agent.objects.assignable())
    named = rng.choices(list(operations), list(operations.values()), k=RING_SIZE)
    rows = []
    for number, (name, at) in enumerate(zip(named, _times(now, rng), strict=False), start=1):
        call, is_refused = _CALLS[name], rng.randrange(100) < refused
        status, code, reason = rng.choice(call.refusals) if is_refused else (call.status, "", "")
        by_header = key.is_superuser_key and rng.random() < 0.6
        path = call.path.format(**{kind: rng.choice(known or [1]) for kind, known in ids.items()})
        rows.append(
            LoggedRequest(
                key=key, slot=number % RING_SIZE, sequence=number, at=at, method=call.method, path=f"/api/v1/{path}",
                query=call.query, operation=name, status=status, code=code, reason=reason, address=address,
                duration_ms=round(rng.uniform(6, 40), 1), size=rng.randint(400, 9_000), user_agent=program,
                request_id=f"{rng.getrandbits(128):032x}", scheme="bearer", required_scope=call.scope,
                agent=rng.choice(colleagues) if by_header else key.agent,
                agent_source="header" if by_header else "default" if key.is_superuser_key else "bound",
            )
        )  # fmt: skip
    LoggedRequest.objects.bulk_create(rows)
    KeyUsage.objects.filter(key=key).update(sequence=len(rows))


def _times(now: datetime, rng: Random) -> Iterator[datetime]:
    """When they came: the last few hours, the newest last."""
    gaps = [rng.uniform(20, 400) for _ in range(RING_SIZE)]
    for number in range(RING_SIZE):
        yield now - timedelta(seconds=sum(gaps[number:]))
