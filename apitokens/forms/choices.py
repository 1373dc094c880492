"""What somebody may choose for a key."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from apitokens.models import ApiKey, KeyKind

ABOUT_KINDS = {
    KeyKind.AGENT: _("calls the API as one agent"),
    KeyKind.BOT: _("connects an assistant over MCP, as one agent"),
    KeyKind.SUPERUSER: _("calls the API, each request as whichever agent it says"),
}


def kinds_for(actor: Actor, key: ApiKey | None) -> list[KeyKind]:
    """What may be chosen for the key. Nothing where there is no choice."""
    if key is not None and key.pk and key.is_bot_token:
        return []
    kinds = [KeyKind.AGENT] if key is not None and key.pk else [KeyKind.AGENT, KeyKind.BOT]
    if Permission.ADMIN in rights(actor):
        kinds.append(KeyKind.SUPERUSER)
    return kinds if len(kinds) > 1 else []


def administers(actor: Actor, key: ApiKey | None) -> bool:
    """Whether the actor may let the key administer."""
    never = key is not None and key.pk and key.is_bot_token
    return Permission.ADMIN in rights(actor) and not never


def may_make_agents(actor: Actor) -> bool:
    return {Permission.AGENTS_WRITE, Permission.ROLES_READ} <= rights(actor)
