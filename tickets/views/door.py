"""What every view of the workspace begins with, and how it answers when something is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.door import AgentRequest, AgentView, P, View, signed_in
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from tickets import policy
from tickets.models import Ticket

__all__ = ["AgentRequest", "found", "number_in", "numbers_in", "workspace"]


def workspace(view: AgentView[P]) -> View[P]:
    """Let in agents who may read tickets."""

    @wraps(view)
    def enter(request: AgentRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require(request.actor, Permission.TICKETS_READ)
        try:
            return view(request, *args, **kwargs)
        except Ticket.DoesNotExist:  # Deleted, or moved out of reach, while the agent worked on it.
            raise Http404(_("This ticket is gone, or you may not see it any more.")) from None

    return signed_in(enter)


def _plain(actor: Actor, pk: int) -> Ticket | None:
    return policy.visible(actor).filter(pk=pk).first()


def found(actor: Actor, pk: int, look: Callable[[Actor, int], Ticket | None] = _plain) -> Ticket:
    """The ticket, or the same 404 for one that does not exist and one that does not exist for this agent."""
    ticket = look(actor, pk)
    if ticket is None:
        raise Http404(_("There is no ticket %(number)s, or you may not see it.") % {"number": pk})
    return ticket


def number_in(text: str) -> int | None:
    """The number of a ticket, if the text is one."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def numbers_in(texts: Iterable[str], *, most: int) -> list[int]:
    """The numbers among the texts, each once and at most so many."""
    return list(dict.fromkeys(number for text in texts if (number := number_in(text))))[:most]


def is_fragment_for(request: HttpRequest, target: str) -> bool:
    """Did a part of a page ask, to put the answer into the element with this id?"""
    return "HX-Request" in request.headers and request.headers.get("HX-Target") == target
