"""What happens when the secret of a key is found in something that somebody is about to store."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from activity.actor import Actor
from activity.recording import record
from activity.screening import Said
from apitokens import leaks, secrets
from apitokens.actions import applications, tokens
from apitokens.leaks import Leak
from apitokens.models import ApiKey


def trip(said: list[Said], actor: Actor, where: dict[str, Any]) -> list[Said]:
    """What may be stored instead: secrets masked. Their keys are suspended in the same transaction.

    What looks like a secret and is none, and the secret of a revoked key, may stay. That of an expired key may not,
    because somebody may give it more time.
    """
    found = [leaks.find(text) for text in said]
    if not any(found):
        return said
    said_secrets = {leak.secret for few in found for leak in few}
    keys = _keys_of(said_secrets)
    for key in {key.pk: key for key in keys.values()}.values():
        _suspend(key, actor, where)
    live = keys.keys() | _ended(said_secrets, actor, where)
    return [_without(text, few, live) for text, few in zip(said, found, strict=True)]


def _without(text: Said, found: list[Leak], live: set[str]) -> Said:
    return leaks.masked(text, [leak for leak in found if leak.secret in live])


def _ended(said: set[str], actor: Actor, where: dict[str, Any]) -> set[str]:
    """What of it opened something by OAuth: tokens are ended with all of their family, applications disabled."""
    by_digest = {digest: secret for secret in said for digest in secrets.digests(secret)}
    return {
        *tokens.end_leaked(by_digest, actor=actor, where=where),
        *applications.disable_leaked(by_digest, actor=actor, where=where),
    }


def _keys_of(found: set[str]) -> dict[str, ApiKey]:
    """The keys that have these secrets, locked in one order so that nobody waits for each other in a circle."""
    by_digest = {digest: secret for secret in found for digest in secrets.digests(secret)}
    current = Q(digest__in=list(by_digest))
    previous = Q(previous_digest__in=list(by_digest), previous_until__gt=timezone.now())
    rows = ApiKey.objects.filter(current | previous, revoked_at=None)
    return {
        by_digest[bytes(digest)]: key
        for key in rows.select_for_update().order_by("pk")
        for digest in (key.digest, key.previous_digest)
        if digest and bytes(digest) in by_digest
    }


def _suspend(key: ApiKey, actor: Actor, where: dict[str, Any]) -> None:
    if key.suspended_at:
        return
    key.suspended_at = timezone.now()
    key.save(update_fields=["suspended_at"])
    record(actor, "key.suspended", key, why="leaked", **where)
