"""How credentials are doing: one badge each, the worst of what there is to say. A few queries, however many.

Keys and what agents allowed applications are looked at by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from django.db import connection
from django.db.models import Min, Q, Sum, TextChoices
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permissions import ADMINISTRATIVE, Permission
from apitokens import other_uses
from apitokens.models import (
    ApiKey,
    Consent,
    ConsentDailyUse,
    ConsentSeenAddress,
    ConsentUsedScope,
    DailyUse,
    SeenAddress,
    UsedScope,
)
from apitokens.models.usage import Address, Day, Scope
from apitokens.other_uses import Use
from apitokens.usage import Credential

UNUSED_FOR = timedelta(days=7)
IDLE = (timedelta(days=90), timedelta(days=30))
EXPIRING_IN = timedelta(days=14)
NEW_NETWORK = timedelta(days=7)
ERRORS_IN = timedelta(days=7)
FEW_REQUESTS = 20
"""Of fewer than these, a share of errors says nothing."""
BAD_SHARE = 0.20
SCOPES_UNUSED_FOR = timedelta(days=60)


class Health(TextChoices):
    """From the worst to the harmless."""

    AGENT_DISABLED = "agent_disabled", _("agent disabled")
    UNUSUAL_ADDRESS = "unusual_address", _("unusual address")
    ERRORS = "errors", _("many errors")
    EXPIRING = "expiring", _("expires soon")
    NEVER_USED = "never_used", _("never used")
    IDLE = "idle", _("idle")
    UNUSED_SCOPES = "unused_scopes", _("unused scopes")
    NEVER_EXPIRES = "never_expires", _("never expires")
    GOOD = "good", _("good")


GRAVE = {Health.AGENT_DISABLED, Health.UNUSUAL_ADDRESS, Health.ERRORS}
HARMLESS = {Health.NEVER_EXPIRES, Health.GOOD}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a credential: in a word or two for the badge, and in a sentence."""

    health: Health
    badge: str
    sentence: str

    @property
    def tone(self) -> str:
        """`grave`, `warns` or `calm`. The words say it, too: nothing is told by colour alone."""
        if self.health in GRAVE:
            return "grave"
        return "calm" if self.health in HARMLESS else "warns"


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


def of(keys: Sequence[ApiKey], needed: Mapping[int, list[Use]] | None = None) -> dict[int, list[Finding]]:
    """What there is to say about each live key, the worst first. Keys come with agent, role and usage.

    `needed` is what `other_uses.of` tells of them, for whoever has asked that already.
    """
    needed = other_uses.of([key.pk for key in keys]) if needed is None else needed
    return _of(keys, KEYS, needed)


def of_consents(consents: Iterable[Consent]) -> dict[int, list[Finding]]:
    """The same about what agents allowed. They come with agent, role, application and usage."""
    return _of(consents, CONSENTS, {})


def _of(
    credentials: Iterable[Credential], books: Books, needed: Mapping[int, list[Use]]
) -> dict[int, list[Finding]]:
    live = [credential for credential in credentials if credential.state == "live"]
    facts = _gather([credential.pk for credential in live], books, needed)
    return {credential.pk: _findings(credential, facts) for credential in live}


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first."""
    order = list(Health)
    return sorted(findings, key=lambda finding: order.index(finding.health))


def worst(findings: Sequence[Finding]) -> Finding:
    return findings[0] if findings else Finding(Health.GOOD, _t("good"), _t("Nothing stands out."))


def days_left(until: datetime, now: datetime) -> str:
    """Whole days, the one that has begun among them."""
    days = max(1, ceil((until - now) / timedelta(days=1)))
    return ngettext("%d day", "%d days", days) % days


def unused_scopes(key: Credential, used: set[str]) -> frozenset[Permission]:
    """What the credential could really do, and never needed."""
    could = key.permissions - ADMINISTRATIVE
    if not key.is_superuser_key and key.agent is not None:
        could &= key.agent.role.rights
    return could - {Permission(value) for value in used if value in _KNOWN}


def needed_scopes(key: Credential, needed: Mapping[int, object]) -> frozenset[str]:
    """What it is needed for besides requests, as `other_uses.of` tells of it, may need any right to read."""
    return other_uses.READS if key.pk in needed else frozenset()


_KNOWN = frozenset(permission.value for permission in Permission)


def used_scopes(ids: Iterable[int], now: datetime, books: Books = KEYS) -> dict[int, set[str]]:
    """The permissions that each of them needed in the last 60 days."""
    recent = Q(last_day__gte=(now - SCOPES_UNUSED_FOR).date())
    rows = books.scopes._default_manager.filter(recent, **{f"{books.owner}__in": ids})
    used: dict[int, set[str]] = {}
    for pk, permission in rows.values_list(books.owner, "permission"):
        used.setdefault(pk, set()).add(permission)
    return used


def _gather(ids: list[int], books: Books, needed: Mapping[int, list[Use]]) -> Facts:
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


def _findings(key: Credential, facts: Facts) -> list[Finding]:
    found = [finding for look in _LOOKS for finding in [look(key, facts)] if finding is not None]
    return by_weight(found)


def _agent_disabled(key: Credential, facts: Facts) -> Finding | None:
    if key.agent is None or key.agent.is_active:
        return None
    sentence = _t("%s is not active, so its requests are refused.") % key.agent
    return Finding(Health.AGENT_DISABLED, _t("agent disabled"), sentence)


def _unusual_address(key: Credential, facts: Facts) -> Finding | None:
    networks = facts.networks.get(key.pk)
    if not networks or key.addresses:
        return None
    sentence = _t("In the last 7 days it was used for the first time from %s.") % ", ".join(networks[:3])
    return Finding(Health.UNUSUAL_ADDRESS, _t("unusual address"), sentence)


def _errors(key: Credential, facts: Facts) -> Finding | None:
    requests, failed = facts.requests.get(key.pk, (0, 0))
    if requests < FEW_REQUESTS or failed <= requests * BAD_SHARE:
        return None
    share = round(100 * failed / requests)
    sentence = _t("%(failed)d of its %(all)d requests in the last 7 days were refused or failed.")
    return Finding(Health.ERRORS, _t("%d %% errors") % share, sentence % {"failed": failed, "all": requests})


def _expiring(key: Credential, facts: Facts) -> Finding | None:
    if isinstance(key, Consent) or key.expires_at is None or key.expires_at > facts.now + EXPIRING_IN:
        return None
    left = days_left(key.expires_at, facts.now)
    return Finding(Health.EXPIRING, _t("expires in %s") % left, _t("It expires in %s.") % left)


def _never_used(key: Credential, facts: Facts) -> Finding | None:
    if _last_used(key) is not None or key.created_at > facts.now - UNUSED_FOR or key.pk in facts.needed:
        return None
    age = timesince(key.created_at, facts.now, depth=1)
    return Finding(Health.NEVER_USED, _t("never used"), _t("It was made %s ago and never used.") % age)


def _idle(key: Credential, facts: Facts) -> Finding | None:
    last = _last_used(key)
    limit = next((idle for idle in IDLE if last is not None and last < facts.now - idle), None)
    if limit is None or last is None or key.pk in facts.needed:
        return None
    badge = ngettext("idle %d day", "idle %d days", limit.days) % limit.days
    return Finding(Health.IDLE, badge, _t("It was last used %s ago.") % timesince(last, facts.now, depth=1))


def _unused_scopes(key: Credential, facts: Facts) -> Finding | None:
    since = facts.counted_since.get(key.pk)
    if since is None or since > (facts.now - SCOPES_UNUSED_FOR).date():
        return None  # Not watched for long enough to say so.
    used = facts.used.get(key.pk, set()) | needed_scopes(key, facts.needed)
    idle = unused_scopes(key, used)
    if not idle or not used:
        return None
    sentence = ngettext(
        "It has %d scope that it did not need in 60 days.",
        "It has %d scopes that it did not need in 60 days.",
        len(idle),
    )
    return Finding(Health.UNUSED_SCOPES, _t("unused scopes"), sentence % len(idle))


def _never_expires(key: Credential, facts: Facts) -> Finding | None:
    if isinstance(key, Consent) or key.expires_at is not None:
        return None  # What is allowed holds until it is withdrawn: that is no finding.
    return Finding(Health.NEVER_EXPIRES, _t("never expires"), _t("It has no last day."))


def _last_used(key: Credential) -> datetime | None:
    usage = getattr(key, "usage", None)
    return usage.last_used_at if usage else None


_LOOKS = (
    _agent_disabled, _unusual_address, _errors, _expiring, _never_used, _idle, _unused_scopes, _never_expires,
)  # fmt: skip
