from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.links import consume, make_link
from accounts.actions.refusal import Refused, Taken
from accounts.models import Agent, AgentKind, LinkPurpose, Reach, Role, Team
from accounts.models.agent import normalize_email
from accounts.permissions import SPECIAL, Permission
from accounts.policy import Decision, NotAllowed, require, rights
from activity.actor import Actor, Door
from activity.recording import record
from activity.screening import screened


@transaction.atomic
def create_agent(
    *,
    email: str,
    name: str,
    role: Role,
    actor: Actor,
    teams: Iterable[Team] = (),
    password: str | None = None,
    kind: AgentKind = AgentKind.PERSON,
    is_demo: bool = False,
) -> Agent:
    """Add an agent. Nobody can give a role that allows more than he may do himself."""
    require(actor, Permission.AGENTS_WRITE)
    refuse_wider(actor, role)
    teams = list(teams)
    for team in teams:
        refuse_wider_team(actor, team)
    _refuse_taken(normalize_email(email))
    name = screened(name, actor=actor, where="agent")
    agent: Agent = Agent.objects.create(
        email=normalize_email(email),
        name=name,
        role=role,
        kind=kind,
        password=make_password(password),
        is_demo=is_demo,
    )
    agent.teams.set(teams)
    record(actor, "agent.created", agent, role=role.name, kind=agent.kind)
    return agent


def _refuse_taken(email: str) -> None:
    other = Agent.objects.filter(email=email).values_list("pk", flat=True).first()
    if other is not None:
        raise Taken(
            "email",
            _("Agent %(id)s already has the e-mail address %(email)s.") % {"id": other, "email": email},
            other,
        )


def refuse_wider(actor: Actor, role: Role) -> None:
    """Stop whoever would hand out rights that he does not hold."""
    held = rights(actor)
    # Whoever administers makes administrators, also by a key that lacks what is granted by its own name alone.
    spared = SPECIAL if role.administers and Permission.ADMIN in held else frozenset()
    # A proposal does nothing by itself, and keys that give out roles need not make any.
    wider = sorted(role.rights - held - spared - {Permission.TICKETS_PROPOSE})
    if wider:
        sentence = _("The role %(role)s allows what you may not do yourself: %(permissions)s.") % {
            "role": role.name,
            "permissions": ", ".join(wider),
        }
        raise NotAllowed(Decision(False, "widening", sentence, wider[0]))
    if _reach(actor) != Reach.ALL and role.reach not in {Reach.OWN, _reach(actor)}:
        sentence = _("The role %(role)s reaches tickets that you do not see: %(reach)s.") % {
            "role": role.name,
            "reach": role.get_reach_display(),
        }
        raise NotAllowed(Decision(False, "widening", sentence))


def refuse_wider_team(actor: Actor, team: Team) -> None:
    """Stop whoever would open a team's tickets to somebody without seeing them himself."""
    if _reach(actor) == Reach.ALL or (actor.agent and actor.agent.teams.filter(pk=team.pk).exists()):
        return
    sentence = _("You are not a member of %(team)s, so you cannot add anybody to it.") % {"team": team.name}
    raise NotAllowed(Decision(False, "widening", sentence))


def refuse_wider_agent(actor: Actor, agent: Agent) -> None:
    """Stop whoever would get hold of an account that sees other teams' tickets than he does."""
    if _reach(actor) != Reach.TEAMS or agent.role.reach != Reach.TEAMS or not agent.pk or actor.agent is None:
        return
    foreign = agent.teams.exclude(pk__in=actor.agent.teams.values("pk")).first()
    if foreign is not None:
        sentence = _("%(agent)s sees the tickets of %(team)s, which you do not: you cannot change him.") % {
            "agent": agent.name,
            "team": foreign.name,
        }
        raise NotAllowed(Decision(False, "widening", sentence))


def _reach(actor: Actor) -> Reach:
    if actor.is_system:
        return Reach.ALL
    return Reach(actor.agent.role.reach) if actor.agent else Reach.OWN


@transaction.atomic
def invite(agent: Agent, *, actor: Actor) -> None:
    """Send the agent a link to choose a first password. The mail is written by a reactor."""
    require(actor, Permission.AGENTS_WRITE)
    _refuse_without_sign_in(agent)
    record(actor, "agent.invited", agent)


@transaction.atomic
def mail_reset(agent: Agent, *, actor: Actor) -> None:
    """Send the agent, who forgot his password, the link to choose another."""
    require(actor, Permission.AGENTS_WRITE)
    _refuse_without_sign_in(agent)
    record(actor, "agent.password_reset_requested", agent)


@transaction.atomic
def hand_out_link(agent: Agent, *, actor: Actor) -> str:
    """A one-time link for the agent, for whoever hands it over by another way than mail.

    The holder of the link becomes the agent, so nobody gets it for an agent who may do more than himself.
    """
    require(actor, Permission.AGENTS_WRITE)
    _refuse_without_sign_in(agent)
    refuse_wider(actor, agent.role)
    refuse_wider_agent(actor, agent)
    purpose = LinkPurpose.RESET if agent.has_usable_password() else LinkPurpose.INVITE
    record(actor, "agent.link_handed_out", agent, purpose=purpose)
    return make_link(agent, purpose)


def _refuse_without_sign_in(agent: Agent) -> None:
    if not agent.can_sign_in:
        raise Refused(
            "",
            "cannot_sign_in",
            _("%(agent)s cannot sign in: only active persons can.") % {"agent": agent.name},
        )


@transaction.atomic
def request_reset(agent: Agent, *, door: Door) -> None:
    """Somebody who says he is this agent asked for a new password: mail the link to the known address."""
    record(Actor(door=door, agent=agent), "agent.password_reset_requested", agent)


@transaction.atomic
def choose_password(*, token: str, password: str, door: Door) -> Agent:
    """Set a password by a one-time link. Ends all the agent's sessions. Raises InvalidLink."""
    agent = consume(token)
    agent.set_password(password)
    agent.save(update_fields=["password"])
    agent.sessions.all().delete()
    record(Actor(door=door, agent=agent), "agent.password_chosen", agent)
    return agent


@transaction.atomic
def change_password(agent: Agent, *, password: str, actor: Actor) -> None:
    """Set another password. Ends all the agent's sessions; the caller keeps the one he is in."""
    agent.set_password(password)
    agent.save(update_fields=["password"])
    agent.sessions.all().delete()
    record(actor, "agent.password_changed", agent)


@transaction.atomic
def note_sign_in(agent: Agent, *, door: Door, address: str, second_step: str = "") -> None:
    facts = {"second_step": second_step} if second_step else {}
    record(Actor(door=door, agent=agent), "agent.signed_in", agent, changes=None, address=address, **facts)


@transaction.atomic
def note_sign_out(agent: Agent, *, door: Door) -> None:
    record(Actor(door=door, agent=agent), "agent.signed_out", agent)
