"""The Django admin's model permissions, answered from `Permission` instead of from tables of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Model

from accounts.permissions import Permission

if TYPE_CHECKING:
    from accounts.models import Agent

_ACTIONS = {"view": "read", "add": "write", "change": "write", "delete": "delete"}

_resources: dict[str, str] = {}
"""`app_label.model` → resource. Each app adds its own when it starts."""


def register(model_label: str, resource: str) -> None:
    """Say which resource's permissions guard a model in the admin: `register("tickets.ticket", "tickets")`."""
    _resources[model_label.lower()] = resource


def holds_model_permission(agent: Agent, perm: str) -> bool:
    """Answer Django's `app_label.action_model`. A model nobody registered is closed to everyone."""
    app_label, _, codename = perm.partition(".")
    action, _, model = codename.partition("_")
    if f"{app_label}.{model}" not in _resources or action not in _ACTIONS or not agent.can_sign_in:
        return False
    return _permission(f"{app_label}.{model}", action) in agent.role.rights


def holds_any_permission_in(agent: Agent, app_label: str) -> bool:
    """Does the app have anything to show to this agent?"""
    models = [label for label in _resources if label.startswith(f"{app_label}.")]
    return any(
        holds_model_permission(agent, f"{app_label}.view_{label.partition('.')[2]}") for label in models
    )


def permission_for(model: type[Model], action: str) -> Permission:
    """The permission that guards an admin action (`view`, `add`, `change`, `delete`) on a model."""
    return _permission(f"{model._meta.app_label}.{model._meta.model_name}", action)


def _permission(label: str, action: str) -> Permission:
    """Where the vocabulary has no such right (deleting an agent), only `admin` will do."""
    try:
        return Permission(f"{_resources[label]}:{_ACTIONS[action]}")
    except ValueError:
        return Permission.ADMIN
