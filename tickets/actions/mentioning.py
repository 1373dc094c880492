"""Calling a colleague by name in a note: `@Alice Miller`, `@alice@desk.example`, or `@Alice` where there is one."""

from __future__ import annotations

import re
from collections import defaultdict

from accounts.models import Agent
from accounts.permissions import Permission
from activity.actor import Actor, Door
from tickets import policy
from tickets.models import Mention, Message, Ticket

_CALL = re.compile(r"(?<![\w@])@(?=\w)")
MOST = 50
"""Calls in one note that are looked at."""


def mention(ticket: Ticket, message: Message) -> None:
    """Remember whom the note calls. Who may not see the ticket or its notes is not told that there are any."""
    if not _CALL.search(message.body_text):
        return
    everybody = Agent.objects.assignable().select_related("role")
    called = [agent for agent in named(message.body_text, list(everybody)) if may_be_called(agent, ticket)]
    Mention.objects.bulk_create(Mention(message=message, agent=agent) for agent in called)


def may_be_called(agent: Agent, ticket: Ticket) -> bool:
    return bool(policy.can(Actor(Door.SYSTEM, agent=agent), Permission.NOTES_READ, ticket))


def named(text: str, agents: list[Agent]) -> list[Agent]:
    """The agents that the text calls, each once. Of several names that fit at one place the longest is meant."""
    known = _names(agents)
    names = sorted(known, key=len, reverse=True)
    found: dict[int, Agent] = {}
    for call in list(_CALL.finditer(text))[:MOST]:
        rest = text[call.end() : call.end() + 300].lower()
        name = next((name for name in names if _begins(rest, name)), None)
        if name is not None:
            found |= {agent.pk: agent for agent in known[name]}
    return list(found.values())


def _names(agents: list[Agent]) -> dict[str, list[Agent]]:
    whole: dict[str, list[Agent]] = defaultdict(list)
    first: dict[str, list[Agent]] = defaultdict(list)
    for agent in agents:
        whole[agent.name.lower()].append(agent)
        whole[agent.email].append(agent)
        first[agent.get_short_name().lower()].append(agent)
    alone = {name: people for name, people in first.items() if len(people) == 1}
    return {**alone, **whole}


def _begins(rest: str, name: str) -> bool:
    return bool(name) and rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum()
