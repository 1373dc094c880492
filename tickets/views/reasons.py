"""Why a ticket is here: what the list asks for, and who or what brought it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tickets import standing
from tickets.models import Ticket
from tickets.views.places import Place
from tickets.views.timeline import Entry, Timeline

_BROUGHT = ("ticket.opened", "ticket.moved", "ticket.assigned", "ticket.reopened", "ticket.merged")


def reasons(ticket: Ticket, place: Place, timeline: Timeline) -> Iterator[str | Entry]:
    """Sentences, and the latest event of each kind that brings a ticket somewhere."""
    if asked := _asked(place):
        yield _("The list “%(name)s” shows %(filter)s") % {"name": place.title, "filter": asked}
    if ticket.channel:
        yield _("It came through %(channel)s") % {"channel": ticket.channel}
    latest = {event.type: Entry(event.at, event=event) for event in timeline.events}
    yield from sorted((latest[kind] for kind in _BROUGHT if kind in latest), key=lambda entry: entry.at)


def _asked(place: Place) -> str:
    """The filter of the list, in the language of the search."""
    own = standing.VIEWS[place.view].query if place.view else place.saved.query if place.saved else ""
    return " ".join(filter(None, (own, place.words)))
