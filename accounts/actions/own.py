"""What every agent may do for himself, whatever his role: his profile and his sessions."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.models import Agent, Session
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened

PROFILE = ("name", "signature", "time_zone", "language", "after_sending", "sends_as")


@transaction.atomic
def change_profile(*, actor: Actor, **fields: str) -> Agent:
    """Change the actor's own name, signature, time zone, language or way of sending."""
    agent: Agent = Agent.objects.select_for_update().get(pk=_oneself(actor).pk)
    fields = screened(fields, actor=actor, where="agent")
    changed = {
        name: fields[name] for name in PROFILE if name in fields and fields[name] != getattr(agent, name)
    }
    if not changed:
        return agent
    # The signature is a text; like all texts, history keeps only that it changed.
    changes = {name: (getattr(agent, name), value) for name, value in changed.items() if name != "signature"}
    for name, value in changed.items():
        setattr(agent, name, value)
    agent.save(update_fields=list(changed))
    record(actor, "agent.changed", agent, changes=changes, fields=sorted(changed))
    return agent


def remember_sending(*, actor: Actor, after: str, status: str) -> None:
    """Offer for the next reply what was chosen for this one. A habit is no history: nothing is recorded."""
    agent = _oneself(actor)
    if (agent.after_sending, agent.sends_as) != (after, status):
        Agent.objects.filter(pk=agent.pk).update(after_sending=after, sends_as=status)
        agent.after_sending, agent.sends_as = after, status


def live_sessions(agent: Agent) -> list[Session]:
    """Where the agent is signed in, the newest use first."""
    return list(agent.sessions.filter(expire_date__gt=timezone.now()).order_by("-seen_at"))


def name_of(session: Session) -> str:
    """A name for a session on pages, from which its key cannot be had."""
    return hashlib.sha256(session.session_key.encode()).hexdigest()[:32]


@transaction.atomic
def end_sessions(*, actor: Actor, named: str = "", but: str | None = None) -> int:
    """End one of the actor's own sessions by its name, or all of them but the one with the key `but`."""
    chosen = [
        session.session_key
        for session in live_sessions(_oneself(actor))
        if (name_of(session) == named if named else session.session_key != but)
    ]
    ended = Session.objects.filter(pk__in=chosen).delete()[0]
    if ended:
        record(actor, "agent.sessions_ended", _oneself(actor), sessions=ended)
    return ended


def _oneself(actor: Actor) -> Agent:
    if actor.agent is None:
        raise Refused("", "nobody", _("Only an agent has a profile and sessions."))
    return actor.agent
