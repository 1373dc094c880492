"""What is known of how credentials are used, beyond their last fifty requests: rows that every request counts in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from apitokens.models import (
    ApiKey,
    Consent,
    ConsentDailyUse,
    ConsentSeenAddress,
    DailyUse,
    SeenAddress,
    Which,
)

SHOWN = 50
DAYS = 30
KEPT = timedelta(days=90)
MOST_ADDRESSES = 500
"""Of one credential. A program could call itself something else with every request."""


Credential = ApiKey | Consent
"""Whoever lets programs in: both count in the same way."""


def still_with_the_old_secret(key: ApiKey, *, since: datetime) -> QuerySet[SeenAddress]:
    """From where, and by which programs, the old secret was used since the rotation; the latest first."""
    rows = SeenAddress.objects.filter(key=key, secret=Which.PREVIOUS, last_at__gte=since)
    return rows.order_by("-last_at")[:SHOWN]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Requests by how they ended."""

    answered: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def all(self) -> int:
        return self.answered + self.refused + self.failed

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(
            self.answered + other.answered, self.refused + other.refused, self.failed + other.failed
        )


def by_day(credential: Credential, today: date) -> dict[date, Outcomes]:
    """Every one of the last 30 days, the oldest first."""
    counted = _counted(credential, today, "day")
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return {day: counted.get(day, Outcomes()) for day in days}


def by_operation(credential: Credential, today: date) -> dict[str, Outcomes]:
    """What was asked for in these days, the most frequent first. Empty for addresses that there are not."""
    counted = _counted(credential, today, "operation")
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1].all, pair[0])))


def _counted(credential: Credential, today: date, what: str) -> dict[Any, Outcomes]:
    rows: Any = credential.days.filter(day__gt=today - timedelta(days=DAYS))
    sums = rows.order_by().values_list(what, "outcome").annotate(requests=Sum("requests"))
    found: dict[Any, Outcomes] = {}
    for value, outcome, requests in sums:
        found[value] = found.get(value, Outcomes()) + Outcomes(
            **{_OUTCOMES.get(outcome, "answered"): requests}
        )
    return found


_OUTCOMES = {4: "refused", 5: "failed"}


@dataclass(frozen=True, slots=True)
class Place:
    """An address that a credential was used from, with the programs that did."""

    address: str
    first_at: datetime
    last_at: datetime
    programs: list[str]


def places(credential: Credential) -> list[Place]:
    """Where it was used from in the last weeks, the latest first."""
    rows: Any = credential.seen_addresses.order_by("-last_at")[:SHOWN]
    found: dict[str, Place] = {}
    for row in rows:
        place = found.setdefault(row.address, Place(row.address, row.first_at, row.last_at, []))
        found[row.address] = replace(
            place,
            first_at=min(place.first_at, row.first_at),
            programs=list(dict.fromkeys([*place.programs, row.user_agent])),
        )
    return list(found.values())


def forget_old(now: datetime) -> None:
    """Let go of days and addresses that nobody looks at any more. Whoever has many addresses keeps the newest."""
    for days in (DailyUse, ConsentDailyUse):
        days.objects.filter(day__lt=(now - KEPT).date()).delete()
    for addresses, owner in ((SeenAddress, "key_id"), (ConsentSeenAddress, "consent_id")):
        addresses.objects.filter(last_at__lt=now - KEPT).delete()
        with connection.cursor() as cursor:
            sql = _FORGET_MANY.format(addresses=addresses._meta.db_table, owner=owner)
            cursor.execute(sql, [MOST_ADDRESSES])


_FORGET_MANY = """
    DELETE FROM {addresses} AS old USING (
        SELECT ctid, row_number() OVER (PARTITION BY {owner} ORDER BY last_at DESC) AS place FROM {addresses}
    ) AS ranked
    WHERE old.ctid = ranked.ctid AND ranked.place > %s
"""
