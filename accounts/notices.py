"""What agents can be told of. Each app registers its kinds: how one is worded, where it leads, who may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import history
from accounts.counting import Count
from accounts.kept import Kept
from accounts.models import Agent, Notification, NotificationChoice
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor, Door

MOST_UNREAD = 100
"""How far unread ones are counted: beyond it the bell says “99+”."""


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification about one kind of thing (a model's name that is registered in `accounts.history`)."""

    key: str
    about: str
    name: Promise
    """As a choice: “Somebody assigns a ticket to me”."""
    told: Callable[[Notification], str]
    """What happened, in one sentence without the name of what it happened to."""
    url: Callable[[Notification], str]
    permission: Permission | None
    """Needed to be told, besides seeing the thing itself. None where seeing it is enough."""
    mailed: bool = False
    """Whether it comes by mail unless the agent chose otherwise."""
    mail: Callable[[Notification], Mail | None] | None = None
    """A mail with all particulars, sent in any case. It says None when there is nothing to tell any more."""
    of_own_acts: bool = False
    """Whether an agent hears of it also when he did it himself: he did not mean to."""
    visible: Callable[[Actor], QuerySet[Any]] | None = None
    """The things that exist for an actor, where `accounts.history` does not know them."""

    @property
    def has_own_mail(self) -> bool:
        return self.mail is not None

    def rows(self, actor: Actor) -> QuerySet[Any]:
        return self.visible(actor) if self.visible else history.visible_rows(self.about, actor)

    def is_open_to(self, held: frozenset[Permission]) -> bool:
        return self.permission is None or self.permission in held

    def usual(self) -> tuple[bool, bool]:
        """In the workspace, by mail."""
        return True, self.mailed


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    _kinds.update({kind.key: kind for kind in kinds})


def kind_of(notification: Notification) -> Kind:
    return _kinds[notification.kind]


def known(key: str) -> Kind:
    return _kinds[key]


def offered(actor: Actor) -> list[Kind]:
    """The kinds that the actor can choose how to hear of: those that his role, or something of his, gives cause for."""
    return [kind for kind in _open_to(actor) if kind.permission or kind.rows(actor).exists()]


def _open_to(actor: Actor) -> list[Kind]:
    held = rights(actor)
    return [kind for kind in _kinds.values() if kind.is_open_to(held)]


def sentence(notification: Notification) -> str:
    return kind_of(notification).told(notification)


def somebody(notification: Notification) -> str:
    """Who did it, by the name he had."""
    return str(notification.facts.get("by") or _("The helpdesk"))


def visible(actor: Actor) -> QuerySet[Notification]:
    """The actor's own notifications about things that exist for him now."""
    seen, kinds = Q(pk=None), _open_to(actor)
    for about in {kind.about: kind for kind in kinds}.values():
        alike = [kind.key for kind in kinds if kind.about == about.about]
        # Asked of each by itself: they are few, and the things are many.
        exists = Exists(about.rows(actor).order_by().filter(pk=OuterRef("subject_id")))
        seen |= Q(kind__in=alike, subject_type=about.about) & Q(exists)
    return Notification.objects.filter(seen, agent=actor.agent, is_shown=True)


def may_hear(told: Notification) -> bool:
    """Whether its agent may know of it at this moment."""
    actor, kind = Actor(Door.SYSTEM, agent=told.agent), kind_of(told)
    if not kind.is_open_to(rights(actor)):
        return False
    return bool(kind.rows(actor).filter(pk=told.subject_id).exists())


def unread(actor: Actor) -> int:
    """How many wait to be read, counted up to MOST_UNREAD."""
    return waiting(actor).order_by("-id")[:MOST_UNREAD].count()


def count_of_unread(actor: Actor) -> Count:
    """The same, to be counted together with others."""
    assert actor.agent is not None
    return Count(*_unread.sql(actor.agent))


@Kept
def _unread(actor: Actor) -> QuerySet[Notification]:
    return waiting(actor).order_by().only("pk")[:MOST_UNREAD]


def waiting(actor: Actor) -> QuerySet[Notification]:
    """Those that the actor has not read."""
    return visible(actor).filter(read_at=None)


def choices(agents: list[Agent], kind: Kind) -> dict[int, tuple[bool, bool]]:
    """For each agent: in the workspace, by mail."""
    rows = NotificationChoice.objects.filter(agent__in=agents, kind=kind.key)
    chosen = {row.agent_id: (row.shown, row.mailed) for row in rows}
    return {agent.pk: chosen.get(agent.pk, kind.usual()) for agent in agents}


def choices_of(actor: Actor) -> dict[str, tuple[bool, bool]]:
    """The actor's choice of every kind that is offered to him."""
    rows = NotificationChoice.objects.filter(agent=actor.agent)
    chosen = {row.kind: (row.shown, row.mailed) for row in rows}
    return {kind.key: chosen.get(kind.key, kind.usual()) for kind in offered(actor)}
