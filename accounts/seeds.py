"""What a helpdesk has from its first minute: its settings, and roles that admins may change or delete."""

from __future__ import annotations

from typing import Any

from accounts.models import HelpdeskSettings, Reach, Role
from accounts.permissions import ORDINARY, Permission
from accounts.seeding import are_migrated

_EVERYDAY = sorted(
    {
        *(p for p in ORDINARY if p.action == "read"),
        Permission.TICKETS_WRITE,
        Permission.TICKETS_PROPOSE,
        Permission.MESSAGES_WRITE,
        Permission.NOTES_WRITE,
        Permission.CONTACTS_WRITE,
        Permission.ORGANIZATIONS_WRITE,
        Permission.TAGS_WRITE,
        Permission.ORDERS_WRITE,
        Permission.ORDER_NOTES_WRITE,
        Permission.TEMPLATES_WRITE,
        Permission.TEMPLATES_DELETE,
        Permission.MACROS_WRITE,
        Permission.MACROS_DELETE,
        Permission.VIEWS_WRITE,
        Permission.VIEWS_DELETE,
    }
)
_LIGHT = sorted(
    {
        *(p for p in ORDINARY if p.action == "read"),
        Permission.TICKETS_PROPOSE,
        Permission.NOTES_WRITE,
        Permission.ORDER_NOTES_WRITE,
    }
)

DEFAULT_ROLES: tuple[dict[str, Any], ...] = (
    {"name": "Administrator", "permissions": [Permission.ADMIN], "reach": Reach.ALL, "enters_admin": True},
    {"name": "Agent", "permissions": _EVERYDAY, "reach": Reach.ALL},
    {"name": "Team agent", "permissions": _EVERYDAY, "reach": Reach.TEAMS},
    {"name": "Light agent", "permissions": _LIGHT, "reach": Reach.TEAMS},
)


def ensure_defaults(**signal: Any) -> None:
    """Run after every `migrate`: the one row of settings, and, to a helpdesk that has no roles, these."""
    if not are_migrated(Role, HelpdeskSettings, **signal):
        return
    if not Role.objects.exists():
        Role.objects.bulk_create(Role(**fields) for fields in DEFAULT_ROLES)
    HelpdeskSettings.objects.get_or_create(pk=1)
