"""As whom a webhook reads: its key or its administrator, as they are at this moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from accounts.models import HelpdeskSettings
from accounts.policy import patterns_admit
from activity.actor import Actor, Door, Grant
from apitokens.models import ApiKey
from apitokens.other_uses import Use
from automations.models import Webhook


def webhooks_of(keys: Collection[int]) -> Iterator[tuple[int, Use]]:
    """The webhooks that are on and read as one of these keys."""
    rows = Webhook.objects.active().filter(key__in=keys).order_by("name", "id")
    for pk, key, name, last_at in rows.values_list("pk", "key_id", "name", "succeeded_at"):
        url = reverse("admin:automations_webhook_overview", args=[pk])
        yield key or 0, Use(_t("webhook “%(name)s”") % {"name": name}, url, last_at)


class Withheld(Exception):
    """Nothing may be sent now, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reader(webhook: Webhook) -> Actor:
    """Who reads what the webhook sends. Asks the database anew. Raises Withheld where the API would refuse."""
    if not HelpdeskSettings.objects.get(pk=1).includes_api(timezone.now()):
        raise Withheld("plan_required")
    if webhook.key_id is not None:
        return of_key(ApiKey.objects.select_related("agent__role").get(pk=webhook.key_id))
    agent = Webhook.objects.select_related("agent__role").get(pk=webhook.pk).agent
    if agent is None or not agent.can_sign_in:
        raise Withheld("agent_disabled")
    return Actor(Door.SYSTEM, agent=agent)


def of_key(key: ApiKey) -> Actor:
    """The key, reading by itself, without a request that names an agent."""
    if key.state != "live":
        raise Withheld(key.state)
    if key.agent is None:
        raise Withheld("agent_required")
    if not key.agent.is_active:
        raise Withheld("agent_disabled")
    if not patterns_admit(tuple(key.tags), "events.list"):
        raise Withheld("operation_denied")
    grant = Grant("api_key", key.pk, key.name, frozenset(map(str, key.permissions)), tuple(key.tags))
    return Actor(Door.SYSTEM, agent=key.agent, grant=grant)
