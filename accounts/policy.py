"""Who may do what to people and their groups; and the arithmetic of rights that every app's policy uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models

from accounts.models import Agent, Contact, CustomField, HelpdeskSettings, Organization, Role, Team, Thing
from accounts.permissions import ADMINISTRATIVE, ALL, Permission
from accounts.sentences import gettext as _
from activity.actor import Actor

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, or no with the rule that decided and a sentence for the person who asked."""

    allowed: bool
    rule: str = ""
    sentence: str = ""
    missing: Permission | None = None

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


class NotAllowed(PermissionDenied):
    """Raised by `authorize`; every door turns it into its own kind of 403 with the decision's sentence."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.sentence)
        self.decision = decision


def role_rights(agent: Agent) -> frozenset[Permission]:
    """What the agent may do when signed in in person."""
    return agent.role.rights if agent.is_active else frozenset()


def rights(actor: Actor) -> frozenset[Permission]:
    """The effective rights: role ∩ grant, never a union."""
    if actor.is_system:
        return ALL
    held = role_rights(actor.agent) if actor.agent else frozenset()
    if actor.grant is None:
        return held
    return frozenset(permission for permission in held if permission in actor.grant.permissions)


def team_ids(agent: Agent) -> list[int]:
    """The agent's teams, asked for once a request."""
    known: list[int] | None = getattr(agent, "_team_ids", None)
    if known is None:
        known = sorted(agent.teams.values_list("pk", flat=True))
        agent._team_ids = known  # type: ignore[attr-defined]
    return known


def decide(actor: Actor, permission: Permission) -> Decision:
    """Does the actor hold this permission at all, whatever the object? Says who refused if not."""
    if actor.is_system:
        return YES
    if actor.grant is not None and permission not in actor.grant.permissions:
        return Decision(
            False,
            "scope",
            lacking(actor, permission),
            permission,
        )
    if actor.agent is None:
        return Decision(
            False,
            "agent",
            _("Nobody is acting who could hold the permission %(permission)s.") % {"permission": permission},
            permission,
        )
    if not actor.agent.is_active:
        return Decision(
            False, "agent", _("The agent %(agent)s is not active.") % {"agent": actor.agent.name}, permission
        )
    if permission not in role_rights(actor.agent):
        sentence = _("The role %(role)s of %(agent)s lacks the permission %(permission)s.") % {
            "role": actor.agent.role.name,
            "agent": actor.agent.name,
            "permission": permission,
        }
        return Decision(False, "role", sentence, permission)
    return YES


def lacking(actor: Actor | None, *permissions: Permission) -> str:
    """What a credential is told that was not given any of these rights."""
    names = {"scopes": _(" or ").join(permissions)}
    if actor is not None and actor.grant is not None and actor.grant.is_of_an_application:
        return _("The agent did not allow this application the scope %(scopes)s.") % names
    if ADMINISTRATIVE.issuperset(permissions):
        return _("This key lacks the scope %(scopes)s, which admin functions give.") % names
    return _("This key lacks the scope %(scopes)s.") % names


def require(actor: Actor, permission: Permission) -> None:
    """Stop unless the actor holds the permission."""
    decision = decide(actor, permission)
    if not decision:
        raise NotAllowed(decision)
    note_use(actor, permission)


def note_use(actor: Actor, *permissions: Permission) -> None:
    """Remember that a key needed these of its permissions: what it never needs can be taken from it."""
    if actor.grant is not None:
        actor.grant.used.update(actor.grant.permissions.intersection(permissions))


class OperationDenied(NotAllowed):
    """The key's patterns deny this operation by name."""

    def __init__(self, operation: str, patterns: tuple[str, ...]) -> None:
        sentence = _("This key is limited to certain operations, and %(operation)s is not among them.") % {
            "operation": operation
        }
        super().__init__(Decision(False, "tag", sentence))
        self.operation, self.patterns = operation, patterns


def refuse_denied(actor: Actor, operation: str) -> None:
    """Stop where one operation would also do another that the key's patterns deny by name (`-tags.create`)."""
    if actor.grant is not None and patterns_deny(actor.grant.tags, operation):
        raise OperationDenied(operation, actor.grant.tags)


def patterns_admit(patterns: tuple[str, ...], operation: str) -> bool:
    """Whether patterns of operations admit one: some positive pattern must match, no negative one may."""
    positive = [p for p in patterns if not p.startswith("-")]
    named = not positive or any(_pattern(p).fullmatch(operation) for p in positive)
    return named and not patterns_deny(patterns, operation)


def patterns_deny(patterns: tuple[str, ...], operation: str) -> bool:
    return any(_pattern(p[1:]).fullmatch(operation) for p in patterns if p.startswith("-"))


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))


def as_person(actor: Actor) -> Actor:
    """The agent without the narrowing of its key: for naming a row that a request already knows of."""
    return replace(actor, grant=None)


_READS: dict[type[models.Model], Permission] = {
    Agent: Permission.AGENTS_READ,
    Role: Permission.ROLES_READ,
    Team: Permission.TEAMS_READ,
    Contact: Permission.CONTACTS_READ,
    Organization: Permission.ORGANIZATIONS_READ,
    HelpdeskSettings: Permission.SETTINGS_READ,
    CustomField: Permission.SETTINGS_READ,
}

_OF_THINGS: dict[str, Permission] = {
    Thing.TICKET: Permission.TICKETS_READ,
    Thing.CONTACT: Permission.CONTACTS_READ,
    Thing.ORGANIZATION: Permission.ORGANIZATIONS_READ,
}

READS_FIELDS = (*_OF_THINGS.values(), Permission.SETTINGS_READ)
"""Any of these is enough to read definitions of custom fields: see `visible_fields`."""


def visible(actor: Actor, model: type[M]) -> models.QuerySet[M]:
    """The rows of `model` that exist for the actor: all of them with the read permission, else none.

    People are shared by the whole helpdesk; only tickets have a reach.
    """
    rows = model._default_manager.all()
    return rows if decide(actor, _READS[model]) else rows.none()


def visible_fields(actor: Actor) -> models.QuerySet[CustomField]:
    """Custom fields are explained to whoever reads what has them, and all of them to whoever reads settings."""
    held = rights(actor)
    if Permission.SETTINGS_READ in held:
        return CustomField.objects.all()
    return CustomField.objects.on(*(thing for thing, permission in _OF_THINGS.items() if permission in held))


def require_any(actor: Actor, permissions: Sequence[Permission]) -> None:
    """Stop unless the actor holds one of these permissions."""
    if not rights(actor).intersection(permissions):
        require(actor, permissions[0])
    note_use(actor, *permissions)
