"""Letting the bearer of a credential in at a door: the whole chain of checks, in the contract's order."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts import attempts
from accounts.api import call as calls
from accounts.api.errors import ApiError
from accounts.models import Agent
from accounts.models.helpdesk import includes_api, plan_rate
from accounts.networks import address_of, admits
from activity.actor import Actor, Door, Grant
from apitokens import header, lookup, metering
from apitokens.lookup import FoundKey
from apitokens.models.key import granted_permissions, granted_scopes

FAILURES_PER_MINUTE = 60
"""Wrong secrets from one address. The secrets cannot be guessed; this keeps trying from costing us."""


def admit(request: HttpRequest, door: Door) -> FoundKey | None:
    """Find the credential that a request brings, check and count it, and choose whom the request acts as.

    What was found stands in the request's `ApiCall`, also when it is refused then. None where the request brings
    nothing. Raises ApiError.
    """
    authorization = request.META.get("HTTP_AUTHORIZATION")
    if authorization is None:
        return None
    call = calls.of(request)
    named = header.named_agent(request)
    key, address = _identify(request, authorization, named, door), address_of(request)
    remember(call, key, scheme="key" if authorization[:3].lower() == "key" else "bearer")
    try:
        refuse_unusable(key, named, address)
    except ApiError:
        # Refused before its rate is counted; the key's log still tells.
        call.sequence = metering.number(key.ledger, key.id)
        raise
    _meter(call, key, address)
    act(call, key, named, door)
    return key


def refuse_unusable(key: FoundKey, named: int | str | None, address: str) -> None:
    """Stop a key that lets nobody in now, from there, on this plan."""
    _refuse_dead(key, named)
    _refuse_address(key, address)
    _refuse_plan(key)


def act(call: calls.ApiCall, key: FoundKey, named: int | str | None, door: Door) -> Agent | None:
    """Choose whom the request acts as: nobody yet, if a superuser key has chosen none."""
    agent = _choose_agent(call, key, named)
    call.actor = Actor(door, agent=agent, grant=_grant(key), request_id=call.request_id)
    return agent


def _identify(request: HttpRequest, authorization: str, named: int | str | None, door: Door) -> FoundKey:
    try:
        sent = header.read(authorization, door)
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


def remember(call: calls.ApiCall, key: FoundKey, *, scheme: str) -> None:
    """Note which credential the request is made with."""
    call.credential = calls.Credential(
        id=key.id,
        name=key.name,
        kind=key.kind,
        scheme=scheme,
        access_level=key.access_level,
        scopes=granted_scopes(key.access_level, key.scopes, admin_functions=key.admin_functions),
        tags=key.tags,
        expires_at=key.expires_at,
        ip_restricted=bool(key.addresses or key.api_addresses),
        owner_id=key.owner_id,
        secret=key.secret,
        method=key.method,
        application_id=key.application_id,
    )


def _refuse_dead(key: FoundKey, named: int | str | None) -> None:
    why = _DEAD[key.method]
    if key.revoked_at:
        raise ApiError(401, "revoked", why["revoked"])
    if key.suspended_at:
        raise ApiError(401, "suspended", why["suspended"])
    if key.expires_at and key.expires_at <= timezone.now():
        raise ApiError(401, "expired", why["expired"].format(key.expires_at))
    # A superuser key's default agent matters only to a request that names no other.
    acts_as_own = named is None or not key.is_superuser_key
    if acts_as_own and key.agent is not None and not key.agent.is_active:
        raise ApiError(
            401, "agent_disabled", "The agent this key acts as is disabled. An admin can activate it again."
        )


_DEAD = {
    "api_key": {
        "revoked": "This key was revoked. Ask an admin for a new one.",
        "suspended": "This key is suspended. An admin can regenerate it.",
        "expired": "This key expired on {:%Y-%m-%d}. An admin can give it a later expiry.",
    },
    "bot_token": {
        "revoked": "This bot token was revoked. Ask an admin for a new one.",
        "suspended": "This bot token is suspended. An admin can regenerate it.",
        "expired": "This bot token expired on {:%Y-%m-%d}. An admin can give it a later expiry.",
    },
    "oauth": {
        "revoked": "This access was withdrawn. Ask the agent to allow the application again.",
        "suspended": "This application is disabled. An admin can enable it again.",
        "expired": "This token expired at {:%H:%M} UTC. Get a new one with the refresh token.",
    },
}
"""Why the right secret opens nothing, for each kind of credential."""


def _refuse_address(key: FoundKey, address: str) -> None:
    """Both lists must admit the address: the key's own, and the helpdesk's for all keys."""
    if key.addresses and not admits(key.addresses, address):
        raise _not_from(
            address,
            f"This key may not be used from {address}. An admin can add the address to the key's.",
            "key",
        )
    if key.api_addresses and not admits(key.api_addresses, address):
        raise _not_from(
            address,
            f"This helpdesk admits no program from {address}. An admin can add the address in its settings.",
            "helpdesk",
        )


def _not_from(address: str, message: str, whose: str) -> ApiError:
    return ApiError(403, "ip_not_allowed", message, address=address, address_list=whose, decided_by="address")


def _refuse_plan(key: FoundKey) -> None:
    if not includes_api(key.plan, key.plans_with_api, key.trial_started_at, timezone.now()):
        message = (
            "This helpdesk's plan does not include the API. An admin can change the plan or start a trial."
        )
        raise ApiError(403, "plan_required", message, plan=key.plan, decided_by="plan")


def _meter(call: calls.ApiCall, key: FoundKey, address: str) -> None:
    limit = key.rate_limit or plan_rate(key.plan, key.enterprise_rate)
    reading = metering.meter(key.ledger, key.id, limit=limit, address=address)
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
    call.agent_source = "token" if key.method == "oauth" else "bound"
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
    return Grant(key.method, key.id, key.name, permissions, tuple(key.tags))
