"""REST framework's authentication by API key: the whole chain of checks, in the contract's order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import attempts
from accounts.api import call as calls
from accounts.api.errors import ApiError
from accounts.models import Agent
from accounts.models.helpdesk import includes_api, plan_rate
from activity.actor import Actor, Door, Grant
from apitokens import header, lookup, metering
from apitokens.lookup import FoundKey
from apitokens.models.key import granted_permissions, granted_scopes

FAILURES_PER_MINUTE = 60
"""Wrong secrets from one address. The secrets cannot be guessed; this keeps trying from costing us."""

NOBODY = "0.0.0.0"  # noqa: S104


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer hdk_…` and `Authorization: key ID:hdk_…`."""

    def authenticate(self, request: Request) -> tuple[Agent | None, FoundKey] | None:
        """The acting agent (None for a superuser key that has chosen none) and the key, or a refusal."""
        authorization = request.META.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return None
        call = calls.of(request._request)
        named = header.named_agent(request._request)
        key = _identify(request._request, authorization, named)
        _remember(call, key, authorization)
        _refuse_dead(call, key, named)
        _refuse_address(call, key, address_of(request._request))
        _refuse_plan(call, key)
        _meter(call, key, address_of(request._request))
        agent = _choose_agent(call, key, named)
        call.actor = Actor(Door.API, agent=agent, grant=_grant(key), request_id=call.request_id)
        return agent, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def address_of(request: HttpRequest) -> str:
    """The client's address. Trusted proxies have been looked through before the request got here.

    What a proxy reports may be no address at all: that is nobody's, `0.0.0.0`.
    """
    reported = request.META.get("REMOTE_ADDR", "").partition("%")[0]
    try:
        return str(ip_address(reported))
    except ValueError:
        return NOBODY


def _identify(request: HttpRequest, authorization: str, named: int | str | None) -> FoundKey:
    try:
        sent = header.read(authorization)
        key = lookup.find(sent, named=named if isinstance(named, int) else None)
        if key is None:
            raise header.invalid_token()
    except ApiError:
        _count_failure(address_of(request))
        raise
    return key


def _count_failure(address: str) -> None:
    if attempts.too_many(f"api:{address}", limit=FAILURES_PER_MINUTE, seconds=60):
        raise ApiError(
            429,
            "too_many_failures",
            "Too many requests with a wrong secret came from this address. Wait a minute.",
            headers={"Retry-After": "60"},
            retry_after=60,
        )


def _remember(call: calls.ApiCall, key: FoundKey, authorization: str) -> None:
    call.credential = calls.Credential(
        id=key.id,
        name=key.name,
        kind=key.kind,
        scheme="key" if authorization[:3].lower() == "key" else "bearer",
        access_level=key.access_level,
        scopes=granted_scopes(key.access_level, key.scopes, admin_functions=key.admin_functions),
        tags=key.tags,
        expires_at=key.expires_at,
        ip_restricted=bool(key.addresses),
        owner_id=key.owner_id,
        secret=key.secret,
    )


def _refuse(call: calls.ApiCall, key: FoundKey, error: ApiError) -> None:
    """Refuse an identified key before its rate is counted. Its log still tells."""
    call.sequence = metering.number(key.id)
    raise error


def _refuse_dead(call: calls.ApiCall, key: FoundKey, named: int | str | None) -> None:
    if key.revoked_at:
        _refuse(call, key, ApiError(401, "revoked", "This key was revoked. Ask an admin for a new one."))
    if key.suspended_at:
        _refuse(call, key, ApiError(401, "suspended", "This key is suspended. An admin can regenerate it."))
    if key.expires_at and key.expires_at <= timezone.now():
        _refuse(call, key, ApiError(401, "expired", f"This key expired on {key.expires_at:%Y-%m-%d}."))
    # A superuser key's default agent matters only to a request that names no other.
    acts_as_own = named is None or not key.is_superuser_key
    if acts_as_own and key.agent is not None and not key.agent.is_active:
        _refuse(call, key, ApiError(401, "agent_disabled", "The agent this key acts as is disabled."))


def _refuse_address(call: calls.ApiCall, key: FoundKey, address: str) -> None:
    if key.addresses and not admits(key.addresses, address):
        message = f"This key may not be used from {address}."
        _refuse(call, key, ApiError(403, "ip_not_allowed", message, address=address, decided_by="address"))


def admits(allowed: Sequence[str], address: str) -> bool:
    """Is the address one of those, or in one of the networks? IPv4 in IPv6 clothing is IPv4."""
    try:
        seen = ip_address(address)
    except ValueError:
        return False
    seen = getattr(seen, "ipv4_mapped", None) or seen
    return any(seen in network for network in map(_network, allowed))


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text, strict=False)


def _refuse_plan(call: calls.ApiCall, key: FoundKey) -> None:
    if not includes_api(key.plan, key.plans_with_api, key.trial_started_at, timezone.now()):
        message = (
            "This helpdesk's plan does not include the API. An admin can change the plan or start a trial."
        )
        _refuse(call, key, ApiError(403, "plan_required", message, plan=key.plan, decided_by="plan"))


def _meter(call: calls.ApiCall, key: FoundKey, address: str) -> None:
    limit = key.rate_limit or plan_rate(key.plan, key.enterprise_rate)
    reading = metering.meter(key.id, limit=limit, address=address)
    call.sequence = reading.sequence
    policy = "key" if key.rate_limit else key.plan
    call.rate = calls.Rate(policy, limit, max(0, limit - reading.used), reading.reset, reading.seconds_left)
    if not reading.allowed:
        raise ApiError(
            429,
            "quota_exceeded",
            f"This key may make {limit} requests a minute. Try again in {reading.seconds_left} seconds.",
            headers={"Retry-After": str(reading.seconds_left)},
            limit=limit,
            window=60,
            retry_after=reading.seconds_left,
        )


def _choose_agent(call: calls.ApiCall, key: FoundKey, named: int | str | None) -> Agent | None:
    """Whom the request acts as: the header table of the contract."""
    if isinstance(named, str):
        raise ApiError(
            400,
            "invalid_agent_id",
            "X-Agent-ID must be one agent's id, such as 4 (and both spellings the same).",
        )
    if not key.is_superuser_key:
        return _bound_agent(call, key, named)
    if named is not None:
        return _named_agent(call, key)
    if key.agent_id is None:
        return None
    call.agent_source = "default"
    return key.agent


def _bound_agent(call: calls.ApiCall, key: FoundKey, named: int | None) -> Agent | None:
    if named is not None and named != key.agent_id:
        raise ApiError(
            403,
            "agent_override_not_allowed",
            "This key acts as one agent only. Leave X-Agent-ID out, or use a superuser key.",
            decided_by="agent",
        )
    call.agent_source = "bound"
    return key.agent


def _named_agent(call: calls.ApiCall, key: FoundKey) -> Agent:
    if key.agent is None or not key.agent.is_active:
        raise ApiError(
            403,
            "agent_unavailable",
            "There is no active agent with the id in X-Agent-ID.",
            decided_by="agent",
        )
    call.agent_source = "header"
    return key.agent


def _grant(key: FoundKey) -> Grant:
    permissions = granted_permissions(key.access_level, key.scopes, admin_functions=key.admin_functions)
    return Grant("api_key", key.id, key.name, permissions, tuple(key.tags))
