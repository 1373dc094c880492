"""What follows from events about keys: those who answer for them are told, by mail and in the workspace."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.actions import notify
from accounts.models import Agent, Notification
from accounts.notices import Mail
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor, Door
from activity.models import Event
from activity.recording import reactor
from apitokens import policy
from apitokens.health import days_left
from apitokens.models import ApiKey


@reactor("key.suspended")
def tell_of_suspension(event_id: int) -> None:
    """The owner and the administrators, under the bell and by mail."""
    event = Event.objects.get(pk=event_id)
    key = ApiKey.objects.filter(pk=event.subject_id).first()
    if key is not None:
        notify(_told(key), "key_suspended", event=event)


@reactor("key.expiring")
def tell_of_expiry(event_id: int) -> None:
    """Who answers for the key, in the same ways."""
    event = Event.objects.get(pk=event_id)
    key = _still_expiring(event)
    if key is not None:
        notify(_responsible(key), "key_expiring", event=event)


def _mail_of_suspension(told: Notification) -> Mail | None:
    """The secret itself is in nobody's hands any more."""
    key = ApiKey.objects.filter(pk=told.subject_id).first()
    return _mail(told, key, "suspended", _where(told.event)) if key and told.event else None


def _mail_of_expiry(told: Notification) -> Mail | None:
    key = _still_expiring(told.event) if told.event else None
    if key is None or key.expires_at is None:
        return None
    return _mail(told, key, "expiring", {"left": days_left(key.expires_at, timezone.now())})


def _mail(told: Notification, key: ApiKey, about: str, particulars: dict[str, Any]) -> Mail:
    path = reverse("admin:apitokens_apikey_overview", args=[key.pk])
    context = {"key": key, "event": told.event, "agent": told.agent, "address": f"{settings.SITE_URL}{path}"}
    context |= particulars
    subject = " ".join(render_to_string(f"apitokens/mail/{about}_subject.txt", context).split())
    return Mail(subject, render_to_string(f"apitokens/mail/{about}.txt", context))


def _still_expiring(event: Event) -> ApiKey | None:
    """The key, unless it was given more time or shut since."""
    key = ApiKey.objects.select_related("owner__role").filter(pk=event.subject_id).first()
    if key is None or key.expires_at is None or key.state != "live":
        return None
    return key if key.expires_at.isoformat() == event.facts["expires_at"] else None


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
            mail=_mail_of_expiry,
            visible=policy.answered_for,
        ),
        notices.Kind(
            "key_suspended",
            "apikey",
            gettext_lazy("A key that I answer for is suspended"),
            lambda told: _worded(told, _("The key's secret was found in a text, and the key is suspended")),
            _page,
            None,
            mail=_mail_of_suspension,
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
