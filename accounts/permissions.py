"""The one vocabulary of rights: roles, keys, the API, the Django admin and the tests all use it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext


class Permission(StrEnum):
    """`resource:action`. `write` creates and updates but does not read, so a create-only key is possible."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    TICKETS_DELETE = "tickets:delete"
    TICKETS_IMPORT = "tickets:import"
    TICKETS_PROPOSE = "tickets:propose"
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_DELETE = "contacts:delete"
    ORGANIZATIONS_READ = "organizations:read"
    ORGANIZATIONS_WRITE = "organizations:write"
    ORGANIZATIONS_DELETE = "organizations:delete"
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    TEAMS_READ = "teams:read"
    TEAMS_WRITE = "teams:write"
    TEAMS_DELETE = "teams:delete"
    ROLES_READ = "roles:read"
    ROLES_WRITE = "roles:write"
    ROLES_DELETE = "roles:delete"
    TAGS_READ = "tags:read"
    TAGS_WRITE = "tags:write"
    TAGS_DELETE = "tags:delete"
    TAG_GROUPS_READ = "tag_groups:read"
    TAG_GROUPS_WRITE = "tag_groups:write"
    TAG_GROUPS_DELETE = "tag_groups:delete"
    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    CHANNELS_DELETE = "channels:delete"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    TEMPLATES_DELETE = "templates:delete"
    MACROS_READ = "macros:read"
    MACROS_WRITE = "macros:write"
    MACROS_DELETE = "macros:delete"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    ORDERS_DELETE = "orders:delete"
    ORDER_NOTES_READ = "order_notes:read"
    ORDER_NOTES_WRITE = "order_notes:write"
    ORDER_NOTES_DELETE = "order_notes:delete"
    VIEWS_READ = "views:read"
    VIEWS_WRITE = "views:write"
    VIEWS_DELETE = "views:delete"
    EVENTS_READ = "events:read"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    KEYS_DELETE = "keys:delete"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    WEBHOOKS_DELETE = "webhooks:delete"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    ADMIN = "admin"

    @property
    def resource(self) -> str:
        return self.value.partition(":")[0]

    @property
    def action(self) -> str:
        return self.value.partition(":")[2]


ALL: frozenset[Permission] = frozenset(Permission)

ADMINISTRATIVE: frozenset[Permission] = frozenset(
    permission
    for permission in Permission
    if permission.resource in {"keys", "webhooks", "settings", "admin"}
)
"""Rights that no wildcard and no access level covers: a credential reaches them by *admin functions* only."""

SPECIAL: frozenset[Permission] = frozenset({Permission.TICKETS_IMPORT, Permission.TICKETS_PROPOSE})
"""Rights that no wildcard and no access level covers, nor admin functions: each is granted by its own name."""

ORDINARY: frozenset[Permission] = ALL - ADMINISTRATIVE - SPECIAL

RESOURCES: tuple[str, ...] = tuple(dict.fromkeys(p.resource for p in Permission if p in ORDINARY))
"""The resources an access level is chosen for, in the order in which they are shown."""

RESOURCE_ALIASES: dict[str, str] = {
    "requests": "tickets",
    "users": "agents",
    "people": "contacts",
    "tag_items": "tags",
    "sales_orders": "orders",
}
"""Other vendors' names for our resources. Understood in paths and scopes, stored as written, never documented."""


def of_action(action: str) -> frozenset[Permission]:
    """All ordinary permissions with this action: `of_action("read")` is what `*:read` means."""
    return frozenset(p for p in ORDINARY if p.action == action)


def parse_scope(scope: str) -> frozenset[Permission]:
    """The permissions one scope means: `tickets:read`, an alias such as `requests:read`, or `*:read`.

    Raises ValueError with a sentence for a person when the scope is unknown.
    """
    resource, _, action = scope.partition(":")
    if resource == "*" and of_action(action):
        return of_action(action)
    name = f"{RESOURCE_ALIASES.get(resource, resource)}:{action}" if action else resource
    try:
        return frozenset({Permission(name)})
    except ValueError:
        raise ValueError(
            gettext("There is no scope “%(scope)s”. Scopes look like tickets:read or *:read.")
            % {"scope": scope[:80]}
        ) from None


def is_special(scope: str) -> bool:
    """Whether it means special rights alone. A scope that there is not does not."""
    try:
        return parse_scope(scope) <= SPECIAL
    except ValueError:
        return False


def meaning(scopes: Iterable[str]) -> frozenset[Permission]:
    """The permissions a list of stored scopes means together."""
    return frozenset().union(*(parse_scope(scope) for scope in scopes))
