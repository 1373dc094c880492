"""How credentials are doing: one badge each, the worst of what there is to say. A few queries, however many.

Keys and what agents allowed applications are looked at by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import TextChoices
from django.utils.timesince import timesince
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permissions import ADMINISTRATIVE, Permission
from apitokens import other_uses
from apitokens.facts import CONSENTS, KEYS, SCOPES_UNUSED_FOR, Books, Facts, facts_of
from apitokens.models import ApiKey, Consent
from apitokens.other_uses import Use
from apitokens.usage import Credential

UNUSED_FOR = timedelta(days=7)
IDLE = (timedelta(days=90), timedelta(days=30))
EXPIRING_IN = timedelta(days=14)
FEW_REQUESTS = 20
"""Of fewer than these, a share of errors says nothing."""
BAD_SHARE = 0.20


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
    facts = facts_of([credential.pk for credential in live], books, needed)
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
