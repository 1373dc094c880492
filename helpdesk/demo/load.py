"""Loading many tickets fast: planned in memory, stored by COPY, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from django.db import connection

from accounts.models import Contact, ContactEmail, Organization, Team
from activity.actor import Actor, Door
from activity.models import Event
from apitokens.models import ApiKey
from helpdesk.demo import rows
from helpdesk.demo.assistants import ensure_assistant
from helpdesk.demo.automations import ensure_automations
from helpdesk.demo.cast import Cast, at_workspace, with_key
from helpdesk.demo.conversation import Conversation, Scene, conversation
from helpdesk.demo.custom_fields import ensure_fields, fill_in
from helpdesk.demo.ids import endless, reserve
from helpdesk.demo.orders import Shop, open_shop
from helpdesk.demo.people import People, addresses_in_use, organizations
from helpdesk.demo.phrases import Topic, phrases
from helpdesk.demo.scripts import tell
from orders.models import Order
from tickets import search
from tickets.models import Category, Message, Priority, Ticket, TicketSearch

_SEED = 20_260_101
_BATCH = 5_000
_TICKETS_A_DAY = 12
_PRIORITIES = (*[Priority.NORMAL] * 14, *[Priority.LOW] * 3, *[Priority.HIGH] * 2, Priority.URGENT)


@dataclass(slots=True)
class Pending:
    """What is planned and not stored yet. Events wait until no earlier one can come any more."""

    conversations: list[Conversation] = field(default_factory=list)
    events: list[tuple[datetime, int, rows.Row]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    def add(self, told: Conversation) -> None:
        self.conversations.append(told)
        for event in told.events:
            heappush(self.events, (event.at, next(self._turn), event.rest))

    def events_before(self, at: datetime) -> list[tuple[datetime, int, rows.Row]]:
        ready = []
        while self.events and self.events[0][0] < at:
            ready.append(heappop(self.events))
        return ready


def load(
    cast: Cast, keys: dict[str, ApiKey], tickets: int, now: datetime, report: Callable[[int], None]
) -> None:
    """Add `tickets` tickets up to the time `now`. Calls `report` with how many are stored so far."""
    ids = reserve(Ticket, tickets)
    rng = Random(f"{_SEED} {Ticket.objects.count()}")  # noqa: S311 - a demo, and the same one every time.
    scene = Scene(cast, keys, rng, endless(Message))
    times = _times(rng, tickets, now)
    people = _people(rng, tickets, times[0])
    ensure_fields()
    pending, shop = Pending(), open_shop(cast, keys, now)
    for done, (pk, at) in enumerate(zip(ids, times, strict=True), start=1):
        told = _plan(scene, people, pk, at, now)
        shop.tell(told)
        pending.add(told)
        if done % _BATCH == 0 or done == tickets:
            _store(people, pending, shop, until=at)
            report(done)
    _store(people, pending, shop, until=now + timedelta(days=1))
    search.fill(ids[0], ids[-1])
    ensure_automations(cast)
    ensure_assistant(cast)
    _analyze()


def _times(rng: Random, tickets: int, now: datetime) -> list[datetime]:
    """When tickets came: over two weeks to two years, a little more of them every day."""
    span = timedelta(days=min(730, max(14, tickets / _TICKETS_A_DAY)))
    return sorted(now - span * (rng.random() ** 1.15) - timedelta(minutes=2) for _ in range(tickets))


def _people(rng: Random, tickets: int, at: datetime) -> People:
    firms = Organization.objects.bulk_create(organizations(rng, 5 + tickets // 50, at))
    return People(endless(Contact), addresses_in_use(), firms)


def _plan(scene: Scene, people: People, pk: int, at: datetime, now: datetime) -> Conversation:
    rng, cast = scene.rng, scene.cast
    before = len(people.known)
    contact = people.somebody(rng, at)
    topics = phrases(contact.language).topics
    (topic,) = rng.choices(topics, weights=[topic.weight for topic in topics])
    ticket = Ticket(
        pk=pk,
        status=cast.statuses[Category.OPEN],
        category=Category.OPEN,
        priority=rng.choice(_PRIORITIES),
        contact=contact,
        organization=contact.organization,
        language=contact.language,
        created_at=at,
        updated_at=at,
    )
    told = conversation(scene, ticket, topic, people.addresses[contact.pk])
    _open(told, is_known=before == len(people.known))
    tell(told, now)
    return told


def _open(told: Conversation, *, is_known: bool) -> None:
    actor, channel, by_agent = _way_in(told)
    told.ticket.channel = told.cast.channels[channel]
    told.ticket.team = _first_team(told, told.topic)
    if channel == "Web shop":
        told.ticket.external_id = f"shop-{told.ticket.pk}"
    if not is_known:
        told.events.append(rows.event_row(actor, "contact.created", told.ticket.contact, at=told.at))
    subject, message = told.rng.choice(told.topic.openings)
    fill_in(told)
    told.begin(subject, message, actor, by_agent=by_agent)


def _way_in(told: Conversation) -> tuple[Actor, str, bool]:
    """Who opens the ticket, through which channel, and whether it is an agent's own doing."""
    contact, cast, keys = told.ticket.contact, told.cast, told.scene.keys
    match told.rng.randrange(20):
        case 0 | 1 | 2 | 3 | 4 | 5:
            return with_key(keys["Web shop"], cast.agent("shop")), "Web shop", False
        case 6:
            return with_key(keys["CRM sync"], cast.agent("anna")), "API", False
        case 7:
            return at_workspace(cast.agent("anna")), "Workspace", True
        case 8 | 9 | 10 | 11:
            return Actor(Door.SYSTEM, contact=contact), "Contact form", False
        case _:
            mailbox = "billing@example.com" if told.topic.team == "Billing" else "help@example.com"
            return Actor(Door.SYSTEM, contact=contact), mailbox, False


def _first_team(told: Conversation, topic: Topic) -> Team | None:
    """Most tickets find their team at once; some land in Support first, a few in none."""
    luck = told.rng.random()
    if luck < 0.03:
        return None
    return told.cast.teams["Support" if luck < 0.15 else topic.team]


def _store(people: People, pending: Pending, shop: Shop, until: datetime) -> None:
    rows.copy(Contact, rows.CONTACT, (rows.contact_row(contact) for contact, _address in people.fresh))
    rows.copy(ContactEmail, rows.ADDRESS, ((contact.pk, address, 0) for contact, address in people.fresh))
    people.fresh.clear()
    told = pending.conversations
    rows.copy(Ticket, rows.TICKET, (rows.ticket_row(one.ticket) for one in told))
    rows.copy(Ticket.tags.through, rows.TAG, ((one.ticket.pk, tag) for one in told for tag in _tag_ids(one)))
    rows.copy(Message, rows.MESSAGE, (message for one in told for message in one.messages))
    shop.store()
    pending.conversations = []
    events = pending.events_before(until)
    ids = reserve(Event, len(events))
    rows.copy(Event, rows.EVENT, ((pk, at, *rest) for pk, (at, _turn, rest) in zip(ids, events, strict=True)))


def _tag_ids(told: Conversation) -> list[int]:
    return sorted(told.cast.tags[name].pk for name in told.tags)


def _analyze() -> None:
    """Let the database count what it has now, before the first list is asked for."""
    models = (Contact, ContactEmail, Ticket, Ticket.tags.through, Message, Event, Order, TicketSearch)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in models)}")
