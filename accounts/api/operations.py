"""What the API can do, by name, and who may: scopes and tags of keys first, then roles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from accounts.api import call as calls
from accounts.api.errors import ApiError
from accounts.permissions import Permission
from accounts.policy import OperationDenied, lacking, patterns_admit, refuse_denied, rights
from activity.actor import Actor


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API can do: its name (keys' tags match it) and the permission it needs.

    `needs_agent` is false for what a superuser key may ask before it has chosen whom to act as. `either` holds
    permissions of which one is enough for a start: which of them is needed, the body decides.
    """

    name: str
    permission: Permission | None
    summary: str
    needs_agent: bool = True
    either: tuple[Permission, ...] = ()


OPERATIONS: dict[str, Operation] = {}
"""Every operation by name, in the order in which the views were declared."""


def require_scope(call: calls.ApiCall, operation: Operation) -> None:
    """Stop unless the credential's scopes and tags admit the operation. Roles come later."""
    grant = call.actor.grant if call.actor else None
    if grant is None:
        return
    permission = operation.permission
    if permission is not None and permission not in grant.permissions:
        raise insufficient_scope(call, permission)
    if operation.either and not grant.permissions.intersection(operation.either):
        raise insufficient_scope(call, *operation.either)
    if not patterns_admit(grant.tags, operation.name):
        raise OperationDenied(operation.name, grant.tags)


def insufficient_scope(call: calls.ApiCall, *permissions: Permission) -> ApiError:
    granted = call.credential.scopes if call.credential else []
    return ApiError(
        403,
        "insufficient_scope",
        lacking(call.actor, *permissions),
        required_scopes=[str(permission) for permission in permissions],
        granted_scopes=granted,
        decided_by="scope",
    )


def refuse_denied_tag(call: calls.ApiCall, operation: str) -> None:
    """Stop where a general operation would do what the key's tags deny by name (`-tickets.assign`)."""
    if call.actor is not None:
        refuse_denied(call.actor, operation)


def abilities(actor: Actor | None) -> list[str]:
    """The operations that the actor could perform on something: what `/me` tells."""
    if actor is None:
        return []
    patterns = actor.grant.tags if actor.grant else ()
    return list(_abilities(patterns, rights(actor), actor.agent is not None))


@lru_cache(maxsize=1024)
def _abilities(patterns: tuple[str, ...], held: frozenset[Permission], has_agent: bool) -> tuple[str, ...]:
    return tuple(sorted(name for name, one in OPERATIONS.items() if _may(one, patterns, held, has_agent)))


def may(actor: Actor | None, operation: Operation, held: frozenset[Permission]) -> bool:
    """Could the actor, who holds these rights, perform the operation on something?"""
    if actor is None:
        return False
    patterns = actor.grant.tags if actor.grant else ()
    return _may(operation, patterns, held, actor.agent is not None)


def _may(
    operation: Operation, patterns: tuple[str, ...], held: frozenset[Permission], has_agent: bool
) -> bool:
    if (operation.needs_agent and not has_agent) or not patterns_admit(patterns, operation.name):
        return False
    needed = operation.either or ((operation.permission,) if operation.permission else ())
    return not needed or not held.isdisjoint(needed)
