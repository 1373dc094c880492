"""What follows from events: triggers answer them, and who answers for a webhook hears that it was switched off."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.actions import notify
from accounts.models import Agent, Notification
from accounts.permissions import Permission
from accounts.sentences import tell
from activity.models import Event
from activity.recording import reactor
from automations import actions, occasions, policy
from automations.models import Trigger, Webhook, Why


def _is_waited_for(kind: str) -> bool:
    return Trigger.objects.active().at([occasion.value for occasion in occasions.TYPES[kind]]).exists()


@reactor(*occasions.TYPES, wants=_is_waited_for)
def run_triggers(event_id: int) -> None:
    actions.answer(Event.objects.select_related("agent", "contact").get(pk=event_id))


@reactor("webhook.disabled")
def tell_of_switching_off(event_id: int) -> None:
    """Not of what somebody did by hand."""
    event = Event.objects.get(pk=event_id)
    rows = Webhook.objects.select_related("agent__role", "key__owner__role")
    webhook = rows.filter(pk=event.subject_id).first()
    if webhook is not None and event.facts.get("why") != Why.BY_HAND:
        notify(_responsible(webhook), "webhook_disabled", event=event, why=event.facts.get("why", ""))


def _responsible(webhook: Webhook) -> list[Agent]:
    """The key's owner or the administrator; and, because only they can switch it on, the administrators."""
    owner = webhook.key.owner if webhook.key else webhook.agent
    people = Agent.objects.active().people().select_related("role")
    return [agent for agent in people if agent.is_superuser or agent == owner]


def register_kinds() -> None:
    notices.register(
        notices.Kind(
            "trigger",
            "ticket",
            gettext_lazy("A trigger points me to a ticket"),
            lambda told: _("The trigger “%(name)s” points you to it") % {"name": notices.somebody(told)},
            lambda told: reverse("tickets:ticket", args=[told.subject_id]),
            Permission.TICKETS_READ,
        ),
        notices.Kind(
            "trigger_switched_off",
            "trigger",
            gettext_lazy("A trigger was switched off because it kept failing"),
            _why_switched_off,
            lambda told: reverse("admin:automations_trigger_change", args=[told.subject_id]),
            Permission.ADMIN,
            mailed=True,
            visible=policy.visible_triggers,
        ),
        notices.Kind(
            "webhook_disabled",
            "webhook",
            gettext_lazy("A webhook is switched off because it fails"),
            _told,
            lambda told: reverse("admin:automations_webhook_overview", args=[told.subject_id]),
            Permission.WEBHOOKS_READ,
            mailed=True,
        ),
    )


def _why_switched_off(told: Notification) -> str:
    because = told.facts.get("because", "")
    told_why = tell(because) if isinstance(because, dict) else because
    return _("It was switched off. %(because)s") % {"because": told_why}


def _told(told: Notification) -> str:
    if told.facts.get("why") == Why.GONE:
        return _("The webhook was switched off: its receiver says that it is gone")
    return _("The webhook was switched off: nothing got through for days")
