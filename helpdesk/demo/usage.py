"""What the demo's keys seem to have done: figures for the key desk, counted as requests would have been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from accounts.permissions import Permission
from apitokens.models import ApiKey, DailyUse, KeyUsage, SeenAddress, UsedScope, Which
from helpdesk.demo import requests

_SEED = 20_260_102
_SINCE = 75
"""Days. Long enough for the desk to say which scopes are never needed."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a program does on a working day, the share in percent that is refused, and from where it does it."""

    operations: dict[str, int]
    refused: int
    needs: tuple[Permission, ...]
    program: str
    addresses: dict[str, int]
    """Address → how many days ago it was first seen."""


_HABITS = {
    "Alice's scripts": Habit(
        {"tickets.list": 40, "tickets.read": 25, "tickets.reply": 4},
        refused=2,
        needs=(Permission.TICKETS_READ, Permission.MESSAGES_READ, Permission.MESSAGES_WRITE),
        program="python-requests/2.32",
        addresses={"198.51.100.24": _SINCE},
    ),
    "CRM sync": Habit(
        {"contacts.list": 300, "contacts.update": 45, "tickets.note": 20},
        refused=1,
        needs=(Permission.CONTACTS_READ, Permission.CONTACTS_WRITE, Permission.NOTES_WRITE),
        program="crm-sync/4.1",
        addresses={"203.0.113.10": _SINCE, "192.0.2.77": 2},
    ),
    "Web shop": Habit(
        {"tickets.create": 30},
        refused=26,
        needs=(Permission.TICKETS_WRITE,),
        program="shop/7",
        addresses={"203.0.113.40": _SINCE},
    ),
}


def use(keys: dict[str, ApiKey], now: datetime) -> None:
    """Let the demo's keys, by name, have been used until now. Keys that were used already are left alone."""
    for name, habit in _HABITS.items():
        key = keys[name]
        if not DailyUse.objects.filter(key=key).exists():
            _use(key, habit, now)


def _use(key: ApiKey, habit: Habit, now: datetime) -> None:
    rng = Random(f"{_SEED} {key.name}")  # noqa: S311 - a demo, and the same one every time.
    days = [(now - timedelta(days=back)).date() for back in range(_SINCE)]
    DailyUse.objects.bulk_create(row for day in days for row in _day(key, habit, day, rng))
    SeenAddress.objects.bulk_create(
        SeenAddress(
            key=key,
            secret=Which.CURRENT,
            address=address,
            user_agent=habit.program,
            first_at=now - timedelta(days=first),
            last_at=now,
        )
        for address, first in habit.addresses.items()
    )
    UsedScope.objects.bulk_create(
        UsedScope(key=key, permission=permission, last_day=now.date()) for permission in habit.needs
    )
    address = next(iter(habit.addresses))
    KeyUsage.objects.filter(key=key).update(last_used_at=now, last_address=address)
    requests.log(
        key,
        operations=habit.operations,
        refused=habit.refused,
        program=habit.program,
        address=address,
        now=now,
        rng=rng,
    )


def _day(key: ApiKey, habit: Habit, day: date, rng: Random) -> list[DailyUse]:
    rows = []
    for operation, usual in habit.operations.items():
        requests = round(usual * rng.uniform(0.6, 1.4) * (0.3 if day.weekday() > 4 else 1))
        refused = round(requests * habit.refused / 100 * rng.uniform(0.5, 1.5))
        for outcome, count in ((2, requests - refused), (4, refused)):
            if count > 0:
                rows.append(DailyUse(key=key, day=day, operation=operation, outcome=outcome, requests=count))
    return rows
