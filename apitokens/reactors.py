"""What follows from events about keys: those who answer for them are told, by mail and in the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.actions import notify
from accounts.attempts import forget, too_many
from accounts.languages import spoken_to
from accounts.models import Agent, Notification
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor, Door
from activity.models import Event
from activity.recording import reactor
from apitokens import policy
from apitokens.health import days_left
from apitokens.models import ApiKey


@reactor("key.suspended")
def mail_suspension(event_id: int) -> None:
    """Tell the owner and the administrators. The secret itself is in nobody's hands any more."""
    event = Event.objects.select_related("agent", "contact").get(pk=event_id)
    key = ApiKey.objects.select_related("owner").filter(pk=event.subject_id).first()
    if key is None:
        return
    path = reverse("admin:apitokens_apikey_overview", args=[key.pk])
    context = {"key": key, "event": event, "address": f"{settings.SITE_URL}{path}", **_where(event)}
    for agent in _told(key):
        _mail(agent, "suspended", context)


@reactor("key.suspended")
def tell_of_suspension(event_id: int) -> None:
    """Under the bell of the same people."""
    event = Event.objects.get(pk=event_id)
    key = ApiKey.objects.filter(pk=event.subject_id).first()
    if key is not None:
        notify(_told(key), "key_suspended", event=event)


@reactor("key.expiring")
def mail_expiry(event_id: int) -> None:
    """Tell who answers for the key. Once, even if the task runs again: see `_claim`."""
    event = Event.objects.get(pk=event_id)
    key = _still_expiring(event)
    if key is None or key.expires_at is None:
        return
    path = reverse("admin:apitokens_apikey_overview", args=[key.pk])
    context = {"key": key, "address": f"{settings.SITE_URL}{path}"}
    for agent in _responsible(key):
        with _claim(f"key-mail:{event.pk}:{agent.pk}") as is_first:
            if is_first:
                _mail(agent, "expiring", context)


@reactor("key.expiring")
def tell_of_expiry(event_id: int) -> None:
    event = Event.objects.get(pk=event_id)
    key = _still_expiring(event)
    if key is not None:
        notify(_responsible(key), "key_expiring", event=event)


def _mail(agent: Agent, about: str, context: dict[str, Any]) -> None:
    """In the agent's own language, which may be another one for each."""
    key: ApiKey = context["key"]
    with spoken_to(agent):
        left = days_left(key.expires_at, timezone.now()) if key.expires_at else ""
        told = {**context, "agent": agent, "left": left}
        subject = " ".join(render_to_string(f"apitokens/mail/{about}_subject.txt", told).split())
        text = render_to_string(f"apitokens/mail/{about}.txt", told)
    send_mail(subject, text, None, [agent.email])


def _still_expiring(event: Event) -> ApiKey | None:
    """The key, unless it was given more time or shut since."""
    key = ApiKey.objects.select_related("owner__role").filter(pk=event.subject_id).first()
    if key is None or key.expires_at is None or key.state != "live":
        return None
    return key if key.expires_at.isoformat() == event.facts["expires_at"] else None


@contextmanager
def _claim(bucket: str) -> Iterator[bool]:
    """Whether this is the first to do it. Claimed before it is done, given back only when it fails: a worker that
    is killed in between leaves one mail unsent, which the bell and the next warning make up for, and none doubled."""
    is_first = not too_many(bucket, limit=1, seconds=30 * 24 * 3600)
    try:
        yield is_first
    except Exception:
        if is_first:
            forget(bucket)
        raise


def _worded(told: Notification, sentence: str) -> str:
    """Who answers for a key without seeing its page has to ask somebody who does."""
    return sentence if _may_look(told) else _("%(sentence)s. Ask an administrator.") % {"sentence": sentence}


def _page(told: Notification) -> str:
    if not _may_look(told):
        return reverse("tickets:notifications")
    return reverse("admin:apitokens_apikey_overview", args=[told.subject_id])


def _may_look(told: Notification) -> bool:
    return told.agent.is_staff and Permission.KEYS_READ in rights(Actor(Door.WEB, agent=told.agent))


def register_kinds() -> None:
    notices.register(
        notices.Kind(
            "key_expiring",
            "apikey",
            gettext_lazy("A key that I answer for expires soon"),
            lambda told: _worded(told, _("The key expires soon")),
            _page,
            None,
            has_own_mail=True,
            visible=policy.answered_for,
        ),
        notices.Kind(
            "key_suspended",
            "apikey",
            gettext_lazy("A key that I answer for is suspended"),
            lambda told: _worded(told, _("The key's secret was found in a text, and the key is suspended")),
            _page,
            None,
            has_own_mail=True,
            of_own_acts=True,
            visible=policy.answered_for,
        ),
    )


def _where(event: Event) -> dict[str, Any]:
    """The page of the ticket, which shows itself only to those who may see it."""
    ticket = event.facts.get("ticket")
    return {"ticket": ticket, "ticket_address": f"{settings.SITE_URL}/tickets/{ticket}/" if ticket else ""}


def _responsible(key: ApiKey) -> list[Agent]:
    """The owner; when he has left, the administrators."""
    return [key.owner] if key.owner.can_sign_in else _told(key)


def _told(key: ApiKey) -> list[Agent]:
    people = Agent.objects.active().people().select_related("role")
    return [agent for agent in people if agent.is_superuser or agent.pk == key.owner_id]
