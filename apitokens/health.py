"""How keys are doing: one badge a key, the worst of what there is to say. A few queries, however many keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from apitokens.models import ApiKey, DailyUse, UsedScope

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
    """One thing to say about a key: in a word or two for the badge, and in a sentence."""

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
    """What was counted about some keys, by their ids."""

    now: datetime
    requests: dict[int, tuple[int, int]]
    """All, and those that failed, in the last days."""
    networks: dict[int, list[str]]
    """Those seen for the first time in the last days by keys that were used from elsewhere before."""
    counted_since: dict[int, date]
    used: dict[int, set[str]]
    """The permissions that were needed in the last weeks."""


def of(keys: Iterable[ApiKey]) -> dict[int, list[Finding]]:
    """What there is to say about each live key, the worst first. Keys come with agent, role and usage."""
    live = [key for key in keys if key.state == "live"]
    facts = _gather([key.pk for key in live])
    return {key.pk: _findings(key, facts) for key in live}


def worst(findings: Sequence[Finding]) -> Finding:
    return findings[0] if findings else Finding(Health.GOOD, _t("good"), _t("Nothing stands out."))


def days_left(until: datetime, now: datetime) -> str:
    """Whole days, the one that has begun among them."""
    days = max(1, ceil((until - now) / timedelta(days=1)))
    return ngettext("%d day", "%d days", days) % days


def unused_scopes(key: ApiKey, used: set[str]) -> frozenset[Permission]:
    """What the key could really do, and never needed."""
    could = key.permissions - ADMINISTRATIVE
    if not key.is_superuser_key and key.agent is not None:
        could &= key.agent.role.rights
    return could - {Permission(value) for value in used if value in _KNOWN}


_KNOWN = frozenset(permission.value for permission in Permission)


def used_scopes(key_ids: Iterable[int], now: datetime) -> dict[int, set[str]]:
    """The permissions that each key needed in the last 60 days."""
    rows = UsedScope.objects.filter(key__in=key_ids, last_day__gte=(now - SCOPES_UNUSED_FOR).date())
    used: dict[int, set[str]] = {}
    for key_id, permission in rows.values_list("key_id", "permission"):
        used.setdefault(key_id, set()).add(permission)
    return used


def _gather(ids: list[int]) -> Facts:
    now = timezone.now()
    recent = Q(day__gt=(now - ERRORS_IN).date())
    sums = (
        DailyUse.objects.filter(key__in=ids)
        .values("key_id")
        .annotate(
            since=Min("day"),
            all=Sum("requests", filter=recent, default=0),
            failed=Sum("requests", filter=recent & Q(outcome__gte=4), default=0),
        )
    )
    counted = {row["key_id"]: row for row in sums}
    return Facts(
        now=now,
        requests={pk: (row["all"], row["failed"]) for pk, row in counted.items()},
        networks=_new_networks(ids, now),
        counted_since={pk: row["since"] for pk, row in counted.items()},
        used=used_scopes(ids, now),
    )


# A network is what one provider usually gives one customer: a /24, or a /48 of IPv6. An address is unusual when its
# network was never seen before this week, though the key was in use then.
_NEW_NETWORKS = """
    WITH networks AS (
        SELECT key_id, network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END)) AS net,
            min(first_at) AS first_at
        FROM apitokens_seenaddress WHERE key_id = ANY(%s) GROUP BY 1, 2
    )
    SELECT key_id, text(net) FROM networks
    WHERE first_at >= %s
        AND EXISTS (SELECT FROM networks AS known WHERE known.key_id = networks.key_id AND known.first_at < %s)
    ORDER BY key_id, first_at
"""


def _new_networks(ids: list[int], now: datetime) -> dict[int, list[str]]:
    since, found = now - NEW_NETWORK, dict[int, list[str]]()
    with connection.cursor() as cursor:
        cursor.execute(_NEW_NETWORKS, [ids, since, since])
        for key_id, network in cursor.fetchall():
            found.setdefault(key_id, []).append(network)
    return found


def _findings(key: ApiKey, facts: Facts) -> list[Finding]:
    found = [finding for look in _LOOKS for finding in [look(key, facts)] if finding is not None]
    order = list(Health)
    return sorted(found, key=lambda finding: order.index(finding.health))


def _agent_disabled(key: ApiKey, facts: Facts) -> Finding | None:
    if key.agent is None or key.agent.is_active:
        return None
    sentence = _t("%s is not active, so its requests are refused.") % key.agent
    return Finding(Health.AGENT_DISABLED, _t("agent disabled"), sentence)


def _unusual_address(key: ApiKey, facts: Facts) -> Finding | None:
    networks = facts.networks.get(key.pk)
    if not networks or key.addresses:
        return None
    sentence = _t("In the last 7 days it was used for the first time from %s.") % ", ".join(networks[:3])
    return Finding(Health.UNUSUAL_ADDRESS, _t("unusual address"), sentence)


def _errors(key: ApiKey, facts: Facts) -> Finding | None:
    requests, failed = facts.requests.get(key.pk, (0, 0))
    if requests < FEW_REQUESTS or failed <= requests * BAD_SHARE:
        return None
    share = round(100 * failed / requests)
    sentence = _t("%(failed)d of its %(all)d requests in the last 7 days were refused or failed.")
    return Finding(Health.ERRORS, _t("%d %% errors") % share, sentence % {"failed": failed, "all": requests})


def _expiring(key: ApiKey, facts: Facts) -> Finding | None:
    if key.expires_at is None or key.expires_at > facts.now + EXPIRING_IN:
        return None
    left = days_left(key.expires_at, facts.now)
    return Finding(Health.EXPIRING, _t("expires in %s") % left, _t("It expires in %s.") % left)


def _never_used(key: ApiKey, facts: Facts) -> Finding | None:
    if _last_used(key) is not None or key.created_at > facts.now - UNUSED_FOR:
        return None
    age = timesince(key.created_at, facts.now, depth=1)
    return Finding(Health.NEVER_USED, _t("never used"), _t("It was made %s ago and never used.") % age)


def _idle(key: ApiKey, facts: Facts) -> Finding | None:
    last = _last_used(key)
    limit = next((idle for idle in IDLE if last is not None and last < facts.now - idle), None)
    if limit is None or last is None:
        return None
    badge = ngettext("idle %d day", "idle %d days", limit.days) % limit.days
    return Finding(Health.IDLE, badge, _t("It was last used %s ago.") % timesince(last, facts.now, depth=1))


def _unused_scopes(key: ApiKey, facts: Facts) -> Finding | None:
    since = facts.counted_since.get(key.pk)
    if since is None or since > (facts.now - SCOPES_UNUSED_FOR).date():
        return None  # Not watched for long enough to say so.
    used = facts.used.get(key.pk, set())
    idle = unused_scopes(key, used)
    if not idle or not used:
        return None
    sentence = ngettext(
        "It has %d scope that it did not need in 60 days.",
        "It has %d scopes that it did not need in 60 days.",
        len(idle),
    )
    return Finding(Health.UNUSED_SCOPES, _t("unused scopes"), sentence % len(idle))


def _never_expires(key: ApiKey, facts: Facts) -> Finding | None:
    if key.expires_at is not None:
        return None
    return Finding(Health.NEVER_EXPIRES, _t("never expires"), _t("It has no last day."))


def _last_used(key: ApiKey) -> datetime | None:
    usage = getattr(key, "usage", None)
    return usage.last_used_at if usage else None


_LOOKS = (
    _agent_disabled, _unusual_address, _errors, _expiring, _never_used, _idle, _unused_scopes, _never_expires,
)  # fmt: skip
