"""Where an agent is: which list, from which row on. Every address of the workspace carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.keyset import Position
from accounts.models import Contact
from accounts.policy import visible
from activity.actor import Actor
from tickets import filters, policy, saved, standing
from tickets.lists import NEWEST, NOTHING, Selection
from tickets.models import SavedView
from tickets.views.door import AgentRequest

HOME = "mine"

_cursors = signing.Signer(salt="tickets.lists")


@dataclass(frozen=True, slots=True)
class Place:
    """A view, the tickets of one contact, or all tickets; perhaps only those that a filter finds among them."""

    view: str = ""
    """The key of a standing view."""
    saved: SavedView | None = None
    contact: Contact | None = None
    words: str = ""
    after: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """What the address of a ticket says of where its reader came from."""
        saved, contact = (str(row.pk) if row else "" for row in (self.saved, self.contact))
        parts = {
            "view": self.view, "saved": saved, "contact": contact, "q": self.words, "after": self.after
        }  # fmt: skip
        return {name: value for name, value in parts.items() if value}

    @property
    def query(self) -> str:
        """For the addresses of tickets."""
        return urlencode(self.parts)

    @property
    def url(self) -> str:
        """The address of the list itself, from its first row on."""
        parts = {"q": self.words} if self.words else {}
        if self.view:
            return reverse("tickets:view", args=[self.view], query=parts)
        if self.saved:
            return reverse("tickets:saved", args=[self.saved.pk], query=parts)
        if self.contact:
            return reverse("tickets:contact", args=[self.contact.pk], query=parts)
        return reverse("tickets:search", query=parts)

    @property
    def url_here(self) -> str:
        """The address of the list, from the row on that it is read from."""
        if not self.after:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode({'after': self.after})}"

    @property
    def title(self) -> str:
        if self.view:
            return str(standing.VIEWS[self.view].name)
        if self.saved:
            return self.saved.name
        if self.contact:
            return _("Tickets of %(name)s") % {"name": self.contact}
        return _("Search")

    @property
    def empty(self) -> str:
        """What an empty list says."""
        if self.words:
            return _("No ticket has these words. Try fewer of them, or the beginning of a word.")
        if self.saved:
            return _("No ticket is like this at the moment.")
        if self.view:
            return str(standing.VIEWS[self.view].empty)
        if self.contact:
            return _("No tickets that you may see.")
        return _("Type words that occur in the ticket, a name, an address or a number.")

    @property
    def is_search(self) -> bool:
        return not (self.view or self.saved or self.contact)

    @property
    def key(self) -> str:
        """The place's name in the navigation."""
        return f"saved-{self.saved.pk}" if self.saved else self.view

    def starting_after(self, position: Position) -> Place:
        """The same list, continued behind the row at this position."""
        value, pk = position
        stamp = value.isoformat() if isinstance(value, datetime) else value
        return replace(self, after=_cursors.sign_object([stamp, pk]))

    @property
    def position(self) -> Position | None:
        if not self.after:
            return None
        try:
            value, pk = _cursors.unsign_object(self.after)
            return (datetime.fromisoformat(value) if isinstance(value, str) else value), pk
        except (signing.BadSignature, ValueError, TypeError):
            raise BadRequest(_("This address is damaged. Open the list anew.")) from None

    def selection(self, actor: Actor) -> Selection:
        """Raises FilterError when the words, or those of the saved view, are a filter that means nothing."""
        within = self._selection(actor)
        if not self.words:
            return within
        found = filters.select(self.words, actor)
        return replace(
            within, condition=within.condition & found.condition, words=(*within.terms, *found.terms)
        )

    def _selection(self, actor: Actor) -> Selection:
        if self.view:
            return standing.VIEWS[self.view].selection(actor)
        if self.saved:
            return saved.selection(self.saved, actor)
        if self.contact:
            return Selection(actor, Q(contact=self.contact), order=NEWEST)
        return Selection(actor, Q() if self.words else NOTHING)


def place_of(request: AgentRequest) -> Place:
    """Where the address of a ticket says the agent came from; at home when it says nothing."""
    view, contact = request.GET.get("view", ""), request.GET.get("contact", "")
    words, after = request.GET.get("q", ""), request.GET.get("after", "")
    if contact.isdecimal() and len(contact) <= 18:
        return Place(contact=contact_at(request.actor, int(contact)), words=words, after=after)
    if kept := _saved(request):
        return Place(saved=kept, words=words, after=after)
    if view in standing.VIEWS or not words:
        return Place(view=view if view in standing.VIEWS else HOME, words=words, after=after)
    return Place(words=words, after=after)


def _saved(request: AgentRequest) -> SavedView | None:
    """The saved view that the address names, if it still exists for the agent."""
    pk = request.GET.get("saved", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk, re.ASCII):
        return None
    return policy.visible_views(request.actor).filter(pk=int(pk)).first()


def saved_at(actor: Actor, pk: int) -> SavedView:
    kept = policy.visible_views(actor).filter(pk=pk).first() if pk < 2**63 else None
    if kept is None:
        raise Http404(_("There is no such view, or it is not shared with you."))
    return kept


def contact_at(actor: Actor, pk: int) -> Contact:
    contact = visible(actor, Contact).filter(pk=pk).first() if pk < 2**63 else None
    if contact is None:
        raise Http404(_("There is no such contact, or you may not see contacts."))
    return contact
