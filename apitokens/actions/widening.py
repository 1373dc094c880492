"""Does a change give a key more than it had? Narrowing acts at once; widening is asked about again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_network

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import HelpdeskSettings
from accounts.models.helpdesk import plan_rate
from apitokens.models import ApiKey


def widened(before: ApiKey, after: ApiKey) -> dict[str, list[str]]:
    """What the key gains, by field, as somebody would write it. Empty when it stays the same or gets less."""
    found = {field: gain(before, after) for field, gain in _GAINS.items()}
    return {field: gained for field, gained in found.items() if gained}


def tags_within(tags: list[str], limits: list[str]) -> bool:
    """Do these patterns of operations leave out all that the limits leave out? In doubt they do not."""
    denied = {tag for tag in limits if tag.startswith("-")}
    named, chosen = set(limits) - denied, {tag for tag in tags if not tag.startswith("-")}
    return denied <= set(tags) and (not named or bool(chosen and chosen <= named))


def _kind(before: ApiKey, after: ApiKey) -> list[str]:
    return [after.kind] if after.is_superuser_key and not before.is_superuser_key else []


def _agent(before: ApiKey, after: ApiKey) -> list[str]:
    """Of a superuser key, which may name anybody, another default agent is no gain."""
    if after.is_superuser_key or after.agent is None:
        return []
    same = not before.is_superuser_key and before.agent_id == after.agent_id
    return [] if same or before.is_superuser_key else [after.agent.name]


def _scopes(before: ApiKey, after: ApiKey) -> list[str]:
    return sorted(after.permissions - before.permissions)


def _tags(before: ApiKey, after: ApiKey) -> list[str]:
    return [] if tags_within(after.tags, before.tags) else after.tags or ["*"]


def _addresses(before: ApiKey, after: ApiKey) -> list[str]:
    if not before.addresses:
        return []
    return [address for address in after.addresses or ["*"] if not _is_within(address, before.addresses)]


def _is_within(address: str, networks: list[str]) -> bool:
    if address == "*":
        return False
    asked, allowed = ip_network(address), [ip_network(network, strict=False) for network in networks]
    return any(asked.version == one.version and asked.subnet_of(one) for one in allowed)  # type: ignore[arg-type]


def _rate(before: ApiKey, after: ApiKey) -> list[str]:
    if before.rate_limit == after.rate_limit:
        return []
    desk = HelpdeskSettings.objects.get(pk=1)
    plan = plan_rate(desk.plan, desk.enterprise_rate)
    now = after.rate_limit or plan
    return [str(now)] if now > (before.rate_limit or plan) else []


def _expiry(before: ApiKey, after: ApiKey) -> list[str]:
    if before.expires_at is None or (after.expires_at is not None and after.expires_at <= before.expires_at):
        return []
    return [_day(after.expires_at)]


def _day(moment: datetime | None) -> str:
    return date_format(moment, "DATE_FORMAT") if moment else _("never")


_GAINS: dict[str, Callable[[ApiKey, ApiKey], list[str]]] = {
    "kind": _kind,
    "agent": _agent,
    "scopes": _scopes,
    "tags": _tags,
    "addresses": _addresses,
    "rate_limit": _rate,
    "expires_at": _expiry,
}
