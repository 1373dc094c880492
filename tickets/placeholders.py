"""The places of a template where a ticket's own facts go: a closed set, filled in by one pass over the text.

No template engine ever sees what is stored in the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from accounts.actions.refusal import Refused
from accounts.models import Agent, HelpdeskSettings
from accounts.permissions import Permission
from accounts.policy import decide, require
from accounts.sentences import gettext as _
from activity.actor import Actor
from tickets.models import Ticket
from tickets.text import clean_line

_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_OPENING = re.compile(r"\{\{")


class Fact(NamedTuple):
    """What a placeholder stands for, and the right to read it."""

    of: Callable[[Ticket], str]
    permission: Permission


def _contact_email(ticket: Ticket) -> str:
    return next((email.address for email in ticket.contact.emails.all()), "")


TICKET_FACTS: dict[str, Fact] = {
    "ticket.number": Fact(lambda ticket: str(ticket.number), Permission.TICKETS_READ),
    "ticket.subject": Fact(lambda ticket: ticket.subject, Permission.TICKETS_READ),
    "ticket.status": Fact(lambda ticket: ticket.status.name, Permission.TICKETS_READ),
    "ticket.priority": Fact(lambda ticket: ticket.priority_word, Permission.TICKETS_READ),
    "contact.name": Fact(lambda ticket: ticket.contact.name, Permission.CONTACTS_READ),
    "contact.email": Fact(_contact_email, Permission.CONTACTS_READ),
    "organization.name": Fact(
        lambda ticket: ticket.organization.name if ticket.organization else "", Permission.ORGANIZATIONS_READ
    ),
    "team.name": Fact(lambda ticket: ticket.team.name if ticket.team else "", Permission.TEAMS_READ),
}
AGENT_FACTS: dict[str, Callable[[Agent], str]] = {
    "agent.name": lambda agent: agent.name,
    "agent.first_name": lambda agent: agent.get_short_name(),
    "agent.email": lambda agent: agent.email,
}
KNOWN = (*TICKET_FACTS, *AGENT_FACTS, "helpdesk.name")


def check(text: str) -> None:
    """Raises Refused, naming the place, when the text has a placeholder that does not exist."""
    whole = {place.start() for place in _PLACE.finditer(text)}
    for opening in _OPENING.finditer(text):
        if opening.start() not in whole and opening.start() - 1 not in whole:
            raise _refused(text, opening.start(), _("a placeholder begins with {{ and does not end with }}"))
    for name, start in named(text):
        if name not in KNOWN:
            raise _refused(text, start, _("there is no placeholder {{%(name)s}}") % {"name": name[:60]})


def fill(text: str, *, ticket: Ticket | None, actor: Actor) -> str:
    """The text with its placeholders resolved, for the acting agent. Without a ticket, what depends on one stays.

    What is filled in is not looked at again. Raises NotAllowed where the actor may not read what it needs.
    """
    check(text)
    wanted = {name for name, _start in named(text)}
    return _put(_facts(wanted, ticket, actor), text)


def fill_for_a_glance(texts: Sequence[str], *, ticket: Ticket, actor: Actor) -> list[str]:
    """The texts as they would be filled in. What the actor may not read, and what is wrong in them, stays as it is."""
    wanted = {name for text in texts for name, _start in named(text)}
    readable = {
        name for name in wanted if name not in TICKET_FACTS or decide(actor, TICKET_FACTS[name].permission)
    }
    found = _facts(readable, ticket, actor)
    return [_put(found, text) for text in texts]


def _put(found: dict[str, str], text: str) -> str:
    return _PLACE.sub(lambda place: found.get(place[1].strip(), place[0]), text)


def _facts(wanted: set[str], ticket: Ticket | None, actor: Actor) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(wanted):
        if name in TICKET_FACTS and ticket is not None:
            require(actor, TICKET_FACTS[name].permission)
            found[name] = TICKET_FACTS[name].of(ticket)
        elif name in AGENT_FACTS and actor.agent is not None:
            found[name] = AGENT_FACTS[name](actor.agent)
        elif name == "helpdesk.name":
            found[name] = HelpdeskSettings.objects.get(pk=1).name
    return {name: clean_line(fact) for name, fact in found.items()}


def named(text: str) -> Iterator[tuple[str, int]]:
    for place in _PLACE.finditer(text):
        yield place[1].strip(), place.start()


def _refused(text: str, start: int, what: str) -> Refused:
    before = text[:start]
    line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    known = ", ".join(f"{{{{{name}}}}}" for name in KNOWN)
    message = _("Line %(line)s, column %(column)s: %(what)s. There are: %(known)s.") % {
        "line": line,
        "column": column,
        "what": what,
        "known": known,
    }
    return Refused("body", "unknown_placeholder", message)
