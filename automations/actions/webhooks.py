"""Making and changing webhooks, and their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import outgoing
from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.permissions import Permission
from accounts.policy import require
from accounts.reachable import may_reach
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen
from apitokens.models import ApiKey
from automations import event_types, signatures
from automations.models import Attempt, Delivery, Webhook
from automations.policy import refuse_wider_owner

EDITABLE = ("name", "description", "url", "types", "key", "agent")
LONGEST_OVERLAP = timedelta(days=7)


@transaction.atomic
@sensitive_variables("secret")
def create_webhook(
    *,
    actor: Actor,
    name: str,
    url: str,
    types: Sequence[str],
    key: ApiKey | None = None,
    agent: Agent | None = None,
    description: str = "",
) -> tuple[Webhook, str]:
    """A new webhook of a key or of an administrator, and its secret, which cannot be shown again."""
    require(actor, Permission.WEBHOOKS_WRITE)
    webhook = Webhook(
        name=name.strip(),
        description=description.strip(),
        url=url.strip(),
        types=_ordered(types),
        key=key,
        agent=agent,
        created_by=actor.agent,
    )
    _check(webhook)
    refuse_wider_owner(actor, webhook)
    screen(webhook, actor=actor)
    secret = signatures.generate()
    webhook.keep_secret(secret)
    webhook.save(force_insert=True)
    record(actor, "webhook.created", webhook, types=webhook.types, host=_host(webhook.url))
    return webhook, secret


@transaction.atomic
def edit_webhook(webhook: Webhook, *, actor: Actor, **fields: Any) -> Webhook:
    """Change a webhook. What waits to be sent goes to the new URL. Raises Refused."""
    webhook = locked(webhook, actor)
    before = {name: getattr(webhook, name) for name in fields}
    for name in set(fields) & set(EDITABLE):
        setattr(webhook, name, _ordered(fields[name]) if name == "types" else fields[name])
    if "key" in fields or "agent" in fields:
        _leave_one_owner(webhook, fields)
    screen(webhook, actor=actor)
    changed = {name: old for name, old in before.items() if getattr(webhook, name) != old}
    if not changed:
        return webhook
    _check(webhook)
    refuse_wider_owner(actor, webhook)
    webhook.save(update_fields=sorted({*changed, "key", "agent"}))
    changes = {
        name: (_plain(name, old), _plain(name, getattr(webhook, name))) for name, old in changed.items()
    }
    record(actor, "webhook.changed", webhook, changes=changes)
    return webhook


@transaction.atomic
def delete_webhook(webhook: Webhook, *, actor: Actor) -> None:
    """Remove a webhook with its deliveries. History keeps its name."""
    webhook = locked(webhook, actor, Permission.WEBHOOKS_DELETE)
    record(actor, "webhook.deleted", webhook)
    list(Delivery.objects.filter(webhook=webhook).locked().values_list("pk", flat=True))
    Attempt.objects.filter(delivery__webhook=webhook).delete()
    Delivery.objects.filter(webhook=webhook).delete()
    webhook.delete()


@transaction.atomic
@sensitive_variables("secret")
def rotate_webhook(webhook: Webhook, *, until: datetime, actor: Actor) -> str:
    """A new secret. Until then every message is signed with both, so that a receiver can change over in peace."""
    webhook = locked(webhook, actor)
    now = timezone.now()
    if webhook.is_rotating(now):
        raise Refused(
            "", "invalid", _("Two secrets are in use already. End the old one before you rotate again.")
        )
    if not now < until <= now + LONGEST_OVERLAP:
        raise Refused("until", "invalid", _("Both secrets can be used for at most 7 days from now."))
    webhook.previous_secret, webhook.previous_until = webhook.secret, until
    secret = signatures.generate()
    webhook.keep_secret(secret)
    webhook.save(update_fields=["secret", "previous_secret", "previous_until"])
    record(actor, "webhook.rotated", webhook, until=until.isoformat())
    return secret


@transaction.atomic
def end_webhook_rotation(webhook: Webhook, *, actor: Actor) -> Webhook:
    """Sign with the new secret alone from now on."""
    webhook = locked(webhook, actor)
    if not webhook.is_rotating(timezone.now()):
        return webhook
    webhook.previous_secret, webhook.previous_until = None, None
    webhook.save(update_fields=["previous_secret", "previous_until"])
    record(actor, "webhook.rotation_ended", webhook)
    return webhook


def locked(webhook: Webhook, actor: Actor, permission: Permission = Permission.WEBHOOKS_WRITE) -> Webhook:
    """The webhook as it is now, for somebody who may do this to it. Events that it waits for are written meanwhile."""
    require(actor, permission)
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "key__agent__role", "agent"
    )
    webhook = rows.get(pk=webhook.pk)
    refuse_wider_owner(actor, webhook)
    return webhook


def _check(webhook: Webhook) -> None:
    """Refuse what makes no sense, whoever asks."""
    if not webhook.name:
        raise Refused("name", "invalid", _("Give the webhook a name that says who is told."))
    for name, most in (("name", 100), ("description", 300)):
        if len(getattr(webhook, name)) > most:
            raise Refused(name, "invalid", _("Use at most %(most)d characters.") % {"most": most})
    check_url(webhook.url)
    event_types.check(webhook.types)
    _check_owner(webhook)


def check_url(url: str) -> None:
    """Raises Refused for a URL that will never be called. Where a name leads is looked at when it is called."""
    try:
        host = outgoing.target(url).host
    except outgoing.Forbidden as refusal:
        raise Refused("url", "invalid", refusal.sentence) from None
    if _is_address(host) and not may_reach(host):
        raise Refused("url", "invalid", _("%(host)s is not on the public internet.") % {"host": host})


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_owner(webhook: Webhook) -> None:
    if (webhook.key is None) == (webhook.agent is None):
        raise Refused("key", "invalid", _("Choose the key that the webhook reads as, or an administrator."))
    if webhook.agent is not None and not webhook.agent.is_superuser:
        raise Refused(
            "agent", "invalid", _("Without a key, a webhook reads as an administrator. Choose one.")
        )
    if webhook.key is not None and webhook.key.agent is None:
        raise Refused(
            "key", "invalid", _("This key acts as no agent of its own. Give it a default agent first.")
        )


def _leave_one_owner(webhook: Webhook, fields: dict[str, Any]) -> None:
    """A new owner takes the place of the old one."""
    if fields.get("key") is not None and "agent" not in fields:
        webhook.agent = None
    if fields.get("agent") is not None and "key" not in fields:
        webhook.key = None


def _ordered(types: Sequence[str]) -> list[str]:
    return sorted(set(types))


def _host(url: str) -> str:
    """What history may know of a URL, whose path and query are often a secret."""
    return urlsplit(url).hostname or ""


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Agent | ApiKey):
        return {"id": value.pk, "name": value.name}
    return _host(value) if name == "url" else value
