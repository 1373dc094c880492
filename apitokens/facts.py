"""What the rows in which every request counts tell of credentials. A few queries, however many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Min, Q, Sum
from django.utils import timezone

from apitokens.models import (
    ConsentDailyUse,
    ConsentSeenAddress,
    ConsentUsedScope,
    DailyUse,
    SeenAddress,
    UsedScope,
)
from apitokens.models.usage import Address, Day, Scope
from apitokens.other_uses import Use

NEW_NETWORK = timedelta(days=7)
ERRORS_IN = timedelta(days=7)
SCOPES_UNUSED_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted about some credentials, by their ids."""

    now: datetime
    requests: dict[int, tuple[int, int]]
    """All, and those that failed, in the last days."""
    networks: dict[int, list[str]]
    """Those seen for the first time in the last days by those that were used from elsewhere before."""
    counted_since: dict[int, date]
    used: dict[int, set[str]]
    """The permissions that were needed in the last weeks."""
    needed: Mapping[int, list[Use]]
    """What needs them besides requests: that is no neglect, however long no request came."""


@dataclass(frozen=True, slots=True)
class Books:
    """Where the requests of a kind of credentials are counted, and by which column."""

    owner: str
    days: type[Day]
    addresses: type[Address]
    scopes: type[Scope]


KEYS = Books("key_id", DailyUse, SeenAddress, UsedScope)
CONSENTS = Books("consent_id", ConsentDailyUse, ConsentSeenAddress, ConsentUsedScope)


def facts_of(ids: list[int], books: Books, needed: Mapping[int, list[Use]]) -> Facts:
    now = timezone.now()
    recent = Q(day__gt=(now - ERRORS_IN).date())
    sums = (
        books.days._default_manager.filter(**{f"{books.owner}__in": ids})
        .values(books.owner)
        .annotate(
            since=Min("day"),
            all=Sum("requests", filter=recent, default=0),
            failed=Sum("requests", filter=recent & Q(outcome__gte=4), default=0),
        )
    )
    counted = {row[books.owner]: row for row in sums}
    return Facts(
        now=now,
        requests={pk: (row["all"], row["failed"]) for pk, row in counted.items()},
        networks=_new_networks(ids, now, books),
        counted_since={pk: row["since"] for pk, row in counted.items()},
        used=used_scopes(ids, now, books),
        needed=needed,
    )


# A network is what one provider usually gives one customer: a /24, or a /48 of IPv6. An address is unusual when its
# network was never seen before this week, though the key was in use then.
_NEW_NETWORKS = """
    WITH networks AS (
        SELECT {owner}, network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END)) AS net,
            min(first_at) AS first_at
        FROM {addresses} WHERE {owner} = ANY(%s) GROUP BY 1, 2
    )
    SELECT {owner}, text(net) FROM networks
    WHERE first_at >= %s
        AND EXISTS (SELECT FROM networks AS known WHERE known.{owner} = networks.{owner} AND known.first_at < %s)
    ORDER BY {owner}, first_at
"""


def _new_networks(ids: list[int], now: datetime, books: Books) -> dict[int, list[str]]:
    since, found = now - NEW_NETWORK, dict[int, list[str]]()
    sql = _NEW_NETWORKS.format(owner=books.owner, addresses=books.addresses._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids, since, since])
        for pk, network in cursor.fetchall():
            found.setdefault(pk, []).append(network)
    return found


def used_scopes(ids: Iterable[int], now: datetime, books: Books = KEYS) -> dict[int, set[str]]:
    """The permissions that each of them needed in the last 60 days."""
    recent = Q(last_day__gte=(now - SCOPES_UNUSED_FOR).date())
    rows = books.scopes._default_manager.filter(recent, **{f"{books.owner}__in": ids})
    used: dict[int, set[str]] = {}
    for pk, permission in rows.values_list(books.owner, "permission"):
        used.setdefault(pk, set()).add(permission)
    return used
