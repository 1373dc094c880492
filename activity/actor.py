"""Who is acting. Every verb takes an `Actor`; history is written from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import Agent, Contact


class Door(models.TextChoices):
    """The ways in. Whatever the door, the verbs and the policy behind it are the same."""

    WEB = "web", _("workspace")
    ADMIN = "admin", _("admin")
    API = "api", _("API")
    MCP = "mcp", _("MCP")
    COMMAND = "command", _("command line")
    SYSTEM = "system", _("helpdesk")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a credential allows its bearer. It only ever narrows what the acting agent may do.

    `permissions` holds values of `accounts.permissions.Permission`; `tags` holds patterns over operation
    names (`tickets.create`, `*`, `-*.delete`), empty for no further narrowing.
    """

    kind: str
    id: int
    name: str
    permissions: frozenset[str]
    tags: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set, compare=False)
    """Those of the permissions that this request has needed so far."""

    @property
    def is_of_an_application(self) -> bool:
        """Does an OAuth token stand behind it, and not a key?"""
        return self.kind == "oauth"


@dataclass(frozen=True, slots=True)
class Automation:
    """The rule by which something is done: a trigger that acts by itself, or a macro in an agent's hand.

    `depth` counts the rules in a row that led to this: 1 for a trigger that answers what somebody did.
    """

    kind: str
    id: int
    name: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """An agent, a contact, or (with neither) the helpdesk itself, at one door, perhaps holding a key.

    What a quiet actor does is recorded, and nothing follows from it: no mail, no notification, no automation.
    """

    door: Door
    agent: Agent | None = None
    contact: Contact | None = None
    grant: Grant | None = None
    because_of: int | None = None
    request_id: str = ""
    quiet: bool = False
    automation: Automation | None = None

    @property
    def is_system(self) -> bool:
        return self.agent is None and self.contact is None and self.grant is None


def system_actor(*, door: Door = Door.SYSTEM, because_of: int | None = None) -> Actor:
    """The helpdesk acting by itself: seeds, commands and automatic work."""
    return Actor(door=door, because_of=because_of)
