"""Two agents who set the same property of a ticket: what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from activity.models import Event
from tickets.models import Ticket
from tickets.views.door import AgentRequest, number_in


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody changed the same property meanwhile: who, to what, and what was about to replace it."""

    who: str
    now: str
    yours: str


def clash(ticket: Ticket, field: str, since: int | None, *, now: str, yours: str) -> Clash:
    later = Event.objects.about(ticket).filter(facts__version__gt=since, changes__has_key=field)
    event = later.select_related("agent", "contact").newest_first().first()
    who = event and (event.agent or event.contact)
    return Clash(str(who or _("The helpdesk")), now, yours)


def based_on(request: AgentRequest) -> int | None:
    """The version of the ticket that the agent has before his eyes."""
    return number_in(request.POST.get("version", "") or request.GET.get("version", ""))
