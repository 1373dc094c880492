"""What follows from events about keys: those who answer for them are told, by mail and in the workspace."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.actions import notify
from accounts.models import Agent
from accounts.permissions import Permission
from activity.models import Event
from activity.recording import reactor
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
    subject = render_to_string("apitokens/mail/suspended_subject.txt", context).strip()
    for agent in _told(key):
        text = render_to_string("apitokens/mail/suspended.txt", {**context, "agent": agent})
        send_mail(subject, text, None, [agent.email])


@reactor("key.suspended")
def tell_of_suspension(event_id: int) -> None:
    """Under the bell of those who may look at the key."""
    event = Event.objects.get(pk=event_id)
    key = ApiKey.objects.filter(pk=event.subject_id).first()
    if key is not None:
        notify(_told(key), "key_suspended", event=event)


def register_kinds() -> None:
    notices.register(
        notices.Kind(
            "key_suspended",
            "apikey",
            gettext_lazy("A key that I answer for is suspended"),
            lambda told: _("The key's secret was found in a text, and the key is suspended"),
            lambda told: reverse("admin:apitokens_apikey_overview", args=[told.subject_id]),
            Permission.KEYS_READ,
        )
    )


def _where(event: Event) -> dict[str, Any]:
    """The page of the ticket, which shows itself only to those who may see it."""
    ticket = event.facts.get("ticket")
    return {"ticket": ticket, "ticket_address": f"{settings.SITE_URL}/tickets/{ticket}/" if ticket else ""}


def _told(key: ApiKey) -> list[Agent]:
    people = Agent.objects.active().people().select_related("role")
    return [agent for agent in people if agent.is_superuser or agent.pk == key.owner_id]
