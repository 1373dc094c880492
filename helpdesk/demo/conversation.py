"""One ticket's story, told step by step: it leaves the rows that the verbs would have left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import Agent, Contact
from activity.actor import Actor, Door, system_actor
from apitokens.models import ApiKey
from helpdesk.demo.cast import WAITING_FOR_CARRIER, Cast, at_workspace, with_key
from helpdesk.demo.details import Details, compose, invent
from helpdesk.demo.phrases import Manners, Topic, phrases
from helpdesk.demo.rows import EventRow, event_row, message_row
from tickets.actions.locking import name_of
from tickets.models import Category, Direction, MessageKind, Priority, Ticket

_A_MOMENT = timedelta(milliseconds=2)
"""A verb's work is done one step after the other: the message first, then what follows from it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all conversations of one load share."""

    cast: Cast
    keys: dict[str, ApiKey]
    rng: Random
    message_ids: Iterator[int]


@dataclass(slots=True)
class Conversation:
    """The ticket as it stands at the moment `at`, with the messages and events so far."""

    scene: Scene
    ticket: Ticket
    topic: Topic
    at: datetime
    tags: set[str]
    address: str
    """Where the contact gets his replies."""
    asked: int = -1
    messages: list[Sequence[object]] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    details: Details = field(default_factory=dict)

    @property
    def rng(self) -> Random:
        return self.scene.rng

    @property
    def cast(self) -> Cast:
        return self.scene.cast

    @property
    def manners(self) -> Manners:
        return phrases(self.ticket.contact.language).manners

    @property
    def is_where_it_belongs(self) -> bool:
        return self.ticket.team == self.cast.teams[self.topic.team]

    # What the contact does

    def begin(self, subject: str, message: str, actor: Actor, *, by_agent: bool) -> None:
        """The ticket's first message. Opening is no new version."""
        self.ticket.subject = subject.format_map(self.details)[:250]
        self.record(actor, "ticket.opened", by_agent=by_agent)
        if by_agent:
            self.ticket.first_replied_at = self.at
            self.write(actor, ["Taken down on the phone:", _quoted(message)])
        else:
            self.write(actor, self._as_contact(message), author=self.ticket.contact)

    def answer(self) -> None:
        """The contact says what he was asked for."""
        self._hear(self.topic.exchanges[self.asked][1])

    def thank(self) -> None:
        self._hear(self.rng.choice(self.manners.thanks))

    def complain(self) -> None:
        self._hear(self.rng.choice(self.manners.complaints))

    def _hear(self, message: str) -> None:
        """Whatever the contact writes, the ticket is open again."""
        by_contact = Actor(Door.SYSTEM, contact=self.ticket.contact)
        self._reply(by_contact, self._as_contact(message), author=self.ticket.contact)
        self._set_status(by_contact, Category.OPEN)

    # What agents do

    def assign(self) -> None:
        """Most agents take tickets themselves; Anna gives some away."""
        somebody = self.rng.choice(self.cast.who_answers_in(self._team_name()))
        giver = self.cast.agent("anna") if self.rng.random() < 0.3 else somebody
        self._assign(somebody, at_workspace(giver))

    def ask(self) -> None:
        self.asked = self.rng.randrange(len(self.topic.exchanges))
        self._reply(self._assignee(), self._as_agent(self.topic.exchanges[self.asked][0]))
        self._set_status(self._assignee(), Category.PENDING)

    def propose(self) -> None:
        """A solution that the contact has yet to confirm."""
        self._reply(self._assignee(), self._as_agent(self.rng.choice(self.topic.solutions)))
        self._set_status(self._assignee(), Category.PENDING)

    def solve(self) -> None:
        self._reply(self._assignee(), self._as_agent(self.rng.choice(self.topic.solutions)))
        self._set_status(self._assignee(), Category.SOLVED)

    def settle(self) -> None:
        """Solve without another word."""
        self._set_status(self._assignee(), Category.SOLVED)

    def note(self) -> None:
        author = (
            self.cast.agent("jonas") if self._team_name() == "Support" and self.rng.random() < 0.3 else None
        )
        self._note(at_workspace(author) if author else self._assignee(), self.rng.choice(self.topic.notes))

    def raise_priority(self) -> None:
        before = Priority(self.ticket.priority)
        after = Priority.URGENT if before == Priority.HIGH else Priority.HIGH
        if before >= after:
            return
        self.ticket.priority = after
        self._save()
        self.record(self._assignee(), "ticket.priority_changed", {"priority": (before.word, after.word)})

    def wait_for_carrier(self) -> None:
        self._set_status(self._assignee(), WAITING_FOR_CARRIER)

    def discard(self) -> None:
        """Junk: tagged and closed without an answer."""
        self._tag(self._assignee(), "spam")
        self._set_status(self._assignee(), Category.CLOSED)

    def move(self) -> None:
        """Anna puts what came to Support by mistake into the right queue."""
        before, after = self.ticket.team, self.cast.teams[self.topic.team]
        self.ticket.team = after
        self._save()
        changes = {"team": (name_of(before), name_of(after))}
        self.record(at_workspace(self.cast.agent("anna")), "ticket.moved", changes)

    # What programs do

    def enrich(self) -> None:
        """The CRM tells what it knows about the contact."""
        crm = with_key(self.scene.keys["CRM sync"], self.cast.agent("anna"))
        orders = self.rng.randrange(2, 30)
        self._note(
            crm, f"Customer for {{number}} years, {orders} orders, last one `{{order}}` for {{amount}}."
        )
        if orders > 15:
            self._tag(crm, "vip")

    def close(self) -> None:
        """The helpdesk itself closes what has been solved for long."""
        self._set_status(system_actor(), Category.CLOSED)

    # What all of it is made of

    def write(
        self,
        actor: Actor,
        paragraphs: list[str],
        *,
        author: Contact | None = None,
        kind: str = MessageKind.REPLY,
    ) -> int:
        pk = next(self.scene.message_ids)
        direction = Direction.IN if author else Direction.OUT
        text, html = compose(paragraphs, self.details)
        self.messages.append(
            message_row(
                pk,
                self.ticket,
                actor,
                author,
                kind=kind,
                direction=direction,
                text=text,
                html=html,
                at=self.at,
                to=[self.address] if kind == MessageKind.REPLY and not author else [],
            )
        )
        return pk

    def record(
        self,
        actor: Actor,
        event_type: str,
        changes: dict[str, tuple[Any, Any]] | None = None,
        **facts: object,
    ) -> None:
        facts["version"] = self.ticket.version
        self.events.append(
            event_row(actor, event_type, self.ticket, at=self.at, changes=changes, facts=facts)
        )

    def _reply(self, actor: Actor, paragraphs: list[str], *, author: Contact | None = None) -> None:
        message = self.write(actor, paragraphs, author=author)
        if author is None:
            self.ticket.first_replied_at = self.ticket.first_replied_at or self.at
        self._save()
        self.record(actor, "ticket.replied", message=message)

    def _note(self, actor: Actor, message: str) -> None:
        pk = self.write(actor, [message], kind=MessageKind.NOTE)
        self._save()
        self.record(actor, "ticket.noted", message=pk)

    def _assign(self, agent: Agent, actor: Actor) -> None:
        before, self.ticket.assignee = self.ticket.assignee, agent
        if before == agent:
            return
        self._save()
        self.record(actor, "ticket.assigned", {"assignee": (name_of(before), name_of(agent))})

    def _tag(self, actor: Actor, name: str) -> None:
        if name in self.tags:
            return
        before = sorted(self.tags)
        self.tags.add(name)
        self._save()
        self.record(actor, "ticket.tagged", {"tags": (before, sorted(self.tags))})

    def _set_status(self, actor: Actor, name: str) -> None:
        before, after = self.ticket.status, self.cast.statuses[name]
        if before == after:
            return
        self.ticket.status, self.ticket.category = after, after.category
        resolved = after.category in {Category.SOLVED, Category.CLOSED}
        self.ticket.solved_at = (self.ticket.solved_at or self.at) if resolved else None
        self._save()
        changes = {"status": (name_of(before), name_of(after))}
        self.record(actor, _status_event(before.category, after.category), changes)

    def _save(self) -> None:
        self.at += _A_MOMENT
        self.ticket.version += 1
        self.ticket.updated_at = self.at

    def _team_name(self) -> str:
        return self.ticket.team.name if self.ticket.team else "Support"

    def _answerer(self) -> Agent:
        return self.ticket.assignee or self.cast.agent("anna")

    def _assignee(self) -> Actor:
        return at_workspace(self._answerer())

    def _as_contact(self, message: str) -> list[str]:
        say, manners = self.rng.choice, self.manners
        aside = [say(manners.asides)] if self.rng.random() < 0.5 else []
        return [say(manners.hello), message, *aside, say(manners.goodbye)]

    def _as_agent(self, message: str) -> list[str]:
        self.details["agent"] = self._answerer().name
        return [
            self.rng.choice(self.manners.agent_hello),
            message,
            self.rng.choice(self.manners.agent_goodbye),
        ]


def conversation(scene: Scene, ticket: Ticket, topic: Topic, address: str) -> Conversation:
    told = Conversation(scene, ticket, topic, ticket.created_at, set(topic.tags), address)
    told.details = invent(scene.rng, name=ticket.contact.name, agent="Anna Silva")
    return told


def _status_event(before: str, after: str) -> str:
    if after == Category.SOLVED:
        return "ticket.solved"
    if after == Category.CLOSED:
        return "ticket.closed"
    return "ticket.reopened" if before in {Category.SOLVED, Category.CLOSED} else "ticket.status_changed"


def _quoted(message: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in message.split("\n"))
