"""Telling agents what happened. Notifications are no history: nobody else sees them, so nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts import notices
from accounts.mailing import mail_notification
from accounts.models import Agent, Notification, NotificationChoice
from activity.actor import Actor
from activity.models import Event


@transaction.atomic
def notify(
    agents: Iterable[Agent],
    kind: str,
    *,
    event: Event | None = None,
    about: models.Model | None = None,
    **facts: Any,
) -> list[Notification]:
    """Tell each of these agents, in the way he chose, of an event; or, without one, of the thing it is `about`.

    Nobody hears of what he did himself, unless the kind is one of mishaps, or of what was done quietly. For the same
    event a second time changes nothing. `kind` is one that is registered in `accounts.notices`; `facts` are names
    and numbers for its sentence.
    """
    if event is not None and event.facts.get("quiet"):
        return []
    meant = None if notices.known(kind).of_own_acts else event
    told = [agent for agent in {agent.pk: agent for agent in agents}.values() if _hears(agent, meant)]
    ways = notices.choices(told, notices.known(kind))
    if notices.known(kind).has_own_mail:
        ways = {pk: (shown, True) for pk, (shown, _mailed) in ways.items()}
    fields = {**_subject(event, about), "facts": {**_by(event), **facts}}
    made = [_tell(agent, kind, event, ways[agent.pk], fields) for agent in told if any(ways[agent.pk])]
    return [notification for notification in made if notification is not None]


@transaction.atomic
def read_notification(notification: Notification, *, actor: Actor) -> None:
    _read(Notification.objects.filter(pk=notification.pk), actor)


@transaction.atomic
def read_all_notifications(*, actor: Actor, up_to: int | None = None) -> None:
    """Mark all as read, or those up to the newest that the agent has seen, by its id."""
    rows = Notification.objects.all()
    _read(rows if up_to is None else rows.filter(pk__lte=up_to), actor)


@transaction.atomic
def read_notifications_about(subject: models.Model, *, actor: Actor) -> None:
    """Whoever looks at the thing itself need not be told of it any more."""
    _read(Notification.objects.filter(subject_type=subject._meta.model_name, subject_id=subject.pk), actor)


@transaction.atomic
def choose_notifications(ways: Mapping[str, tuple[bool, bool]], *, actor: Actor) -> None:
    """Remember how the actor wants to hear of each kind: in the workspace, by mail."""
    offered = {kind.key for kind in notices.offered(actor)}
    for kind in sorted(offered & set(ways)):
        shown, mailed = ways[kind]
        NotificationChoice.objects.update_or_create(
            agent=actor.agent, kind=kind, defaults={"shown": shown, "mailed": mailed}
        )


def _hears(agent: Agent, event: Event | None) -> bool:
    """What a key does in an agent's name is news to him."""
    own = event is not None and event.agent_id == agent.pk and event.key_id is None
    return agent.can_sign_in and not own


def _subject(event: Event | None, about: models.Model | None) -> dict[str, Any]:
    if about is not None:
        label = str(about)[:200]
        return {"subject_type": about._meta.model_name, "subject_id": about.pk, "subject_label": label}
    if event is None:
        raise ValueError("A notification stems from an event or is about something.")
    return {
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "subject_label": event.subject_label,
    }


def _by(event: Event | None) -> dict[str, str]:
    who = event and (event.contact or event.key_name or event.agent)
    return {"by": str(who)} if who else {}


def _tell(
    agent: Agent, kind: str, event: Event | None, way: tuple[bool, bool], fields: dict[str, Any]
) -> Notification | None:
    shown, mailed = way
    fields = {**fields, "is_shown": shown}
    if event is None:
        made, is_new = Notification.objects.create(agent=agent, kind=kind, **fields), True
    else:
        made, is_new = Notification.objects.get_or_create(
            agent=agent, kind=kind, event=event, defaults=fields
        )
    if not is_new:
        return None
    if mailed:
        mail_notification.defer(notification_id=made.pk)
    return made


def _read(rows: models.QuerySet[Notification], actor: Actor) -> None:
    rows.filter(agent=actor.agent, read_at=None).update(read_at=timezone.now())
