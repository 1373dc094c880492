"""A new secret without an outage: for a while the old one is accepted beside it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from apitokens.actions.keys import forget_previous, give_secret, locked
from apitokens.actions.limits import refuse_wider
from apitokens.models import ApiKey

LONGEST_OVERLAP = timedelta(days=7)


@transaction.atomic
def rotate(key: ApiKey, *, until: datetime, actor: Actor) -> str:
    """A new secret for the key. The one before is accepted until then. Raises Refused."""
    key = locked(key, actor, Permission.KEYS_WRITE)
    now = timezone.now()
    _refuse(key, now)
    _check_until(until, now)
    refuse_wider(actor, key)
    key.previous_digest, key.previous_hint, key.previous_until = key.digest, key.hint, until
    key.rotated_at = now
    secret = give_secret(key)
    key.save(
        update_fields=["digest", "hint", "previous_digest", "previous_hint", "previous_until", "rotated_at"]
    )
    record(actor, "key.rotated", key, until=until.isoformat())
    return secret


@transaction.atomic
def end_rotation(key: ApiKey, *, actor: Actor) -> ApiKey:
    """Refuse the old secret from the next request on."""
    key = locked(key, actor, Permission.KEYS_WRITE)
    if not key.accepts_previous(timezone.now()):
        return key
    key.save(update_fields=forget_previous(key))
    record(actor, "key.rotation_ended", key)
    return key


def _refuse(key: ApiKey, now: datetime) -> None:
    """Only a key that works, with one secret, goes on working with two."""
    match key.state:
        case "revoked":
            raise Refused("", "invalid", _("A revoked key stays revoked. Create a new one."))
        case "suspended":
            raise Refused(
                "", "invalid", _("The key is suspended: its secret is not to live on. Regenerate it.")
            )
        case "expired":
            raise Refused("", "invalid", _("The key has expired. Give it a later expiry first."))
    if key.accepts_previous(now):
        raise Refused(
            "",
            "invalid",
            _("The secret before this one is accepted until %(until)s UTC. End it before you rotate again.")
            % {"until": date_format(key.previous_until or now, "DATETIME_FORMAT")},
        )


def _check_until(until: datetime, now: datetime) -> None:
    if until <= now:
        raise Refused("until", "invalid", _("Choose a time that is still to come."))
    if until > now + LONGEST_OVERLAP:
        raise Refused("until", "invalid", _("The old secret can be accepted for at most 7 more days."))
