"""What the search finds besides tickets, as somebody types. Apps above add what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Contact
from accounts.policy import visible
from activity.actor import Actor

MOST = 4
"""Of each kind."""


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    detail: str
    url: str


Finder = Callable[[Actor, str], list[Hit]]


def contacts(actor: Actor, words: str) -> list[Hit]:
    """Whose name or address begins like this."""
    typed = words.lower()
    rows = visible(actor, Contact).annotate(lower=Lower("name"))
    by_address = Q(pk__in=Contact.objects.filter(emails__address__startswith=typed).values("pk")[:MOST])
    named = (
        rows.filter(Q(lower__startswith=typed) | by_address)
        .prefetch_related("emails")
        .order_by("lower", "id")
    )
    return [_contact(contact) for contact in named[:MOST]]


def _contact(contact: Contact) -> Hit:
    addresses = [email.address for email in contact.emails.all()]
    return Hit(str(contact), addresses[0] if addresses else "", reverse("tickets:contact", args=[contact.pk]))


_finders: dict[Promise, Finder] = {gettext_lazy("Contacts"): contacts}
"""Title → what finds such things."""


def register(title: Promise, finder: Finder) -> None:
    """Let the search find other things. The finder asks its own app’s policy, with a fixed number of queries."""
    _finders[title] = finder


def find(actor: Actor, words: str) -> Iterator[tuple[str, list[Hit]]]:
    """Kinds of things with those that the words lead to."""
    for title, finder in _finders.items():
        if hits := finder(actor, words):
            yield str(title), hits
