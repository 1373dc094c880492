"""The contacts of the demo: who they are, and how often they come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from unicodedata import normalize

from accounts.models import Contact, ContactEmail, Organization
from helpdesk.demo.phrases import phrases

_LANGUAGES = ("en",) * 37 + ("de", "fr", "es")
_ZONES = {"en": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid"}
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
_TRADES = (
    "Bakery",
    "Books",
    "Joinery",
    "School",
    "Studio",
    "Garage",
    "Clinic",
    "Hotel",
    "Nursery",
    "Brewery",
)


@dataclass(slots=True)
class People:
    """Contacts so far. `fresh` are those made since they were last stored."""

    ids: Iterator[int]
    taken: set[str]
    organizations: list[Organization]
    known: list[Contact] = field(default_factory=list)
    fresh: list[tuple[Contact, str]] = field(default_factory=list)
    addresses: dict[int, str] = field(default_factory=dict)
    """Of all of them, by the contact's id."""

    def somebody(self, rng: Random, at: datetime) -> Contact:
        """Who writes next: somebody new, or more often somebody we know, most likely of late."""
        if len(self.known) < 40 or rng.random() < 0.3:
            return self._newcomer(rng, at)
        return self.known[-1 - int(len(self.known) * rng.random() ** 2)]

    def _newcomer(self, rng: Random, at: datetime) -> Contact:
        language = rng.choice(_LANGUAGES)
        manners = phrases(language).manners
        first, last = rng.choice(manners.first_names), rng.choice(manners.last_names)
        organization = rng.choice(self.organizations) if rng.random() < 0.25 else None
        contact = Contact(
            pk=next(self.ids),
            name=f"{first} {last}",
            organization=organization,
            language=language,
            time_zone=_ZONES[language],
            phones=[f"+44 1632 960{rng.randrange(1000):03}"] if rng.random() < 0.3 else [],
            created_at=at,
            updated_at=at,
        )
        self.known.append(contact)
        self.addresses[contact.pk] = self._address(rng, first, last)
        self.fresh.append((contact, self.addresses[contact.pk]))
        return contact

    def _address(self, rng: Random, first: str, last: str) -> str:
        local = f"{_plain(first)}.{_plain(last)}"
        domain = rng.choice(_DOMAINS)
        address, number = f"{local}@{domain}", 1
        while address in self.taken:
            number += 1
            address = f"{local}{number}@{domain}"
        self.taken.add(address)
        return address


def organizations(rng: Random, count: int, at: datetime) -> list[Organization]:
    """Small businesses, named after their owners."""
    names = phrases("en").manners.last_names
    return [
        Organization(name=f"{rng.choice(names)} {rng.choice(_TRADES)}", created_at=at, updated_at=at)
        for _ in range(count)
    ]


def addresses_in_use() -> set[str]:
    return set(ContactEmail.objects.values_list("address", flat=True))


def _plain(name: str) -> str:
    """As it looks in an address: without accents, lower case."""
    letters = normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return "".join(c for c in letters if c.isalnum()).lower()
