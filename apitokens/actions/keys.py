"""The verbs on keys, and their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.actions.refusal import InUse, Refused
from accounts.models import Agent
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen
from apitokens import secrets
from apitokens.actions.limits import refuse_wider
from apitokens.actions.rules import check
from apitokens.actions.widening import widened
from apitokens.models import AccessLevel, ApiKey, KeyKind, KeyUsage

EDITABLE = (
    "name", "description", "kind", "agent", "owner", "access_level", "scopes", "admin_functions", "tags", "addresses",
    "rate_limit", "expires_at",
)  # fmt: skip


@transaction.atomic
def create_key(
    *,
    actor: Actor,
    name: str,
    owner: Agent,
    kind: str = KeyKind.AGENT,
    agent: Agent | None = None,
    access_level: str = AccessLevel.READ_ONLY,
    scopes: Sequence[str] = (),
    admin_functions: bool = False,
    tags: Sequence[str] = (),
    addresses: Sequence[str] = (),
    rate_limit: int | None = None,
    expires_at: datetime | None = None,
    description: str = "",
    is_demo: bool = False,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which exists nowhere else and cannot be shown again."""
    require(actor, Permission.KEYS_WRITE)
    key = ApiKey(
        name=name.strip(),
        description=description.strip(),
        kind=kind,
        agent=agent,
        owner=owner,
        access_level=access_level,
        scopes=list(scopes),
        admin_functions=admin_functions,
        tags=list(tags),
        addresses=list(addresses),
        rate_limit=rate_limit,
        expires_at=expires_at,
        created_by=actor.agent,
        is_demo=is_demo,
    )
    check(key)
    refuse_wider(actor, key)
    screen(key, actor=actor)
    secret = give_secret(key)
    key.save(force_insert=True)
    KeyUsage.objects.create(key=key)
    record(actor, "key.created", key, kind=key.kind, access=key.granted_scopes)
    return key, secret


@transaction.atomic
@sensitive_variables("password")
def edit_key(key: ApiKey, *, actor: Actor, password: str = "", **fields: Any) -> ApiKey:
    """Change a key. Acts on its next request. Widening beyond the actor's own rights is refused.

    Who widens a key at all as a person, not by a key of his own, gives his password again.
    """
    key = locked(key, actor, Permission.KEYS_WRITE)
    if key.revoked_at:
        raise Refused("name", "invalid", _("A revoked key cannot be changed."))
    refuse_wider(actor, key)
    itself, before = copy(key), {name: getattr(key, name) for name in fields}
    for name in set(fields) & set(EDITABLE):
        setattr(key, name, fields[name])
    screen(key, actor=actor)
    changed = {name: old for name, old in before.items() if getattr(key, name) != old}
    if not changed:
        return key
    check(key)
    _refuse_other_door(itself, key)
    refuse_wider(actor, key)
    wider = widened(itself, key)
    if wider:
        _require_password(actor, password)
    key.save(update_fields=sorted(changed))
    changes = {name: (_plain(old), _plain(getattr(key, name))) for name, old in changed.items()}
    gains = [f"{field}: {', '.join(values)}" for field, values in wider.items()]
    record(actor, "key.changed", key, changes=changes, **({"widened": gains} if gains else {}))
    return key


def _refuse_other_door(before: ApiKey, after: ApiKey) -> None:
    """The secret is out in the world, and its prefix says where it belongs."""
    if before.is_bot_token != after.is_bot_token:
        message = _("A key stays a key, and a bot token a bot token: create a new one of the other kind.")
        raise Refused("kind", "invalid", message)


def _require_password(actor: Actor, password: str) -> None:
    """An unlocked screen is not enough to open a door wider."""
    if actor.agent is None or actor.grant is not None or actor.agent.check_password(password):
        return
    raise Refused(
        "password", "password_needed", _("This widens the key: give your own password to confirm it.")
    )


@transaction.atomic
def regenerate(key: ApiKey, *, actor: Actor) -> str:
    """A new secret for the same key. All older ones are refused from the next request on; the log stays."""
    key = locked(key, actor, Permission.KEYS_WRITE)
    if key.revoked_at:
        raise Refused("name", "invalid", _("A revoked key stays revoked. Create a new one."))
    if key.has_expired(timezone.now()):
        # Its new secret would be handed out, and refused like the old one.
        raise Refused("expires_at", "invalid", _("The key has expired. Give it a later expiry first."))
    refuse_wider(actor, key)
    secret = give_secret(key)
    key.regenerated_at, key.suspended_at = timezone.now(), None
    ended = forget_previous(key)
    key.save(update_fields=["digest", "hint", "regenerated_at", "suspended_at", *ended])
    record(actor, "key.regenerated", key)
    return secret


@transaction.atomic
def revoke(key: ApiKey, *, actor: Actor) -> ApiKey:
    """Shut the key for good, at once."""
    key = locked(key, actor, Permission.KEYS_WRITE)
    if key.revoked_at:
        return key
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record(actor, "key.revoked", key)
    return key


@transaction.atomic
def delete_key(key: ApiKey, *, actor: Actor) -> None:
    """Remove a revoked key and its log. History keeps its name."""
    key = locked(key, actor, Permission.KEYS_DELETE)
    if not key.revoked_at:
        raise InUse(_("Revoke the key first. Only revoked keys can be deleted."))
    record(actor, "key.deleted", key)
    key.delete()


def locked(key: ApiKey, actor: Actor, permission: Permission) -> ApiKey:
    require(actor, permission)
    return (
        ApiKey.objects.select_for_update(of=("self",)).select_related("agent__role", "owner").get(pk=key.pk)
    )


def give_secret(key: ApiKey) -> str:
    """A new secret for the key, which is not saved yet."""
    secret = secrets.generate(secrets.BOT_PREFIX if key.is_bot_token else secrets.KEY_PREFIX)
    key.digest, key.hint = secrets.digest(secret), secrets.hint(secret)
    return secret


def forget_previous(key: ApiKey) -> list[str]:
    """End the secret from before a rotation, which is not saved yet. Returns the names of the fields."""
    key.previous_digest, key.previous_hint, key.previous_until = None, "", None
    return ["previous_digest", "previous_hint", "previous_until"]


def _plain(value: Any) -> Any:
    if isinstance(value, Agent):
        return {"id": value.pk, "name": value.name}
    return value.isoformat() if isinstance(value, datetime) else value
