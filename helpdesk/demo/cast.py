"""Who works in the demo, in which teams, and through which channels and keys tickets come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.actions import create_agent
from accounts.models import Agent, AgentKind, Role, Team
from activity.actor import Actor, Door, Grant, system_actor
from apitokens.models import ApiKey
from tickets.models import Category, Channel, ChannelKind, Status, Tag

PASSWORD = "demo-demo-demo"  # noqa: S105 - known to everybody; production refuses to start with demo agents.

TEAMS = {
    "Support": "First line: everything that nobody else answers.",
    "Billing": "Invoices, payments and discounts.",
    "Logistics": "Parcels on their way.",
    "Returns": "What comes back, and the money for it.",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast. `who` is what is printed beside the sign-in."""

    email: str
    name: str
    role: str
    who: str
    teams: tuple[str, ...] = ()
    kind: AgentKind = AgentKind.PERSON


CAST = (
    Member("root@example.com", "Root", "Administrator", "administrator: everything, and the admin"),
    Member("alice@example.com", "Alice Nowak", "Team agent", "agent in Support", ("Support",)),
    Member("bob@example.com", "Bob Fischer", "Team agent", "agent in Billing", ("Billing",)),
    Member("anna@example.com", "Anna Silva", "Agent", "agent in all teams", tuple(TEAMS)),
    Member("dev@example.com", "Dev Patel", "Team agent", "agent in Logistics", ("Logistics",)),
    Member("mei@example.com", "Mei Tanaka", "Team agent", "agent in Returns", ("Returns", "Logistics")),
    Member("jonas@example.com", "Jonas Berg", "Light agent", "writes only notes", ("Support",)),
    Member("shop@example.com", "Web shop", "Agent", "service agent", ("Support",), AgentKind.SERVICE),
)  # fmt: skip

_TAGS = (
    "account", "address", "app", "cancelled", "damaged", "discount", "fault", "french", "german",
    "incomplete", "invoice", "late delivery", "parcel", "payment", "praise", "privacy", "question",
    "refund", "return", "spam", "spanish", "vip", "wish",
)  # fmt: skip

_CHANNELS = (
    ("Workspace", ChannelKind.WORKSPACE, None),
    ("API", ChannelKind.APP, None),
    ("Web shop", ChannelKind.SHOP, "Support"),
    ("Contact form", ChannelKind.FORM, "Support"),
    ("help@example.com", ChannelKind.MAILBOX, "Support"),
    ("billing@example.com", ChannelKind.MAILBOX, "Billing"),
)

WAITING_FOR_CARRIER = "Waiting for the carrier"


class MissingRoleError(ValueError):
    """The demo needs a role that somebody deleted."""


@dataclass(slots=True)
class Cast:
    """Everything that tickets refer to, by the names used above."""

    agents: dict[str, Agent] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)

    def agent(self, first_name: str) -> Agent:
        return self.agents[f"{first_name}@example.com"]

    def who_answers_in(self, team: str) -> list[Agent]:
        """The people who may reply to the tickets of a team."""
        members = (
            m for m in CAST if team in m.teams and m.kind == AgentKind.PERSON and m.role != "Light agent"
        )
        return [self.agents[member.email] for member in members]


def ensure_cast() -> Cast:
    """Make who and what is missing. Somebody who is there already stays as he is."""
    cast = Cast()
    for name, description in TEAMS.items():
        cast.teams[name], _new = Team.objects.get_or_create(name=name, defaults={"description": description})
    for member in CAST:
        cast.agents[member.email] = _ensure_agent(member, cast.teams)
    _give_password()
    for name in _TAGS:
        cast.tags[name], _new = Tag.objects.get_or_create(name=name)
    for name, kind, team in _CHANNELS:
        values = {"kind": kind, "default_team": cast.teams[team] if team else None}
        cast.channels[name], _new = Channel.objects.get_or_create(name=name, defaults=values)
    _add_statuses(cast)
    return cast


def _ensure_agent(member: Member, teams: dict[str, Team]) -> Agent:
    known: Agent | None = Agent.objects.select_related("role").filter(email=member.email).first()
    if known is not None:
        return known
    role = Role.objects.filter(name=member.role).first()
    if role is None:
        raise MissingRoleError(
            f"The demo needs the role “{member.role}”, which is not there any more. Add it again."
        )
    return create_agent(
        email=member.email,
        name=member.name,
        role=role,
        teams=[teams[name] for name in member.teams],
        kind=member.kind,
        is_demo=True,
        actor=system_actor(door=Door.COMMAND),
    )


def _give_password() -> None:
    """One slow hash for all: they share the password anyway. And what came since yesterday is news to them."""
    newcomers = [
        agent for agent in Agent.objects.people().filter(is_demo=True) if not agent.has_usable_password()
    ]
    if newcomers:
        hashed = make_password(PASSWORD)
        Agent.objects.filter(pk__in=[agent.pk for agent in newcomers]).update(
            password=hashed, caught_up_at=timezone.now() - timedelta(days=1)
        )


def _add_statuses(cast: Cast) -> None:
    Status.objects.get_or_create(
        name=WAITING_FOR_CARRIER, defaults={"category": Category.PENDING, "position": 1}
    )
    for category in Category:
        cast.statuses[category] = Status.objects.of(category)
    cast.statuses[WAITING_FOR_CARRIER] = Status.objects.get(name=WAITING_FOR_CARRIER)


def at_workspace(agent: Agent) -> Actor:
    return Actor(Door.WEB, agent=agent)


def with_key(key: ApiKey, agent: Agent) -> Actor:
    """The agent acting through a key, as history remembers it."""
    return Actor(Door.API, agent=agent, grant=Grant("api_key", key.pk, key.name, frozenset()))
