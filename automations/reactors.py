"""What follows from events: triggers answer them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.permissions import Permission
from activity.models import Event
from activity.recording import reactor
from automations import actions, occasions, policy
from automations.models import Trigger


def _is_waited_for(kind: str) -> bool:
    return Trigger.objects.active().at([occasion.value for occasion in occasions.TYPES[kind]]).exists()


@reactor(*occasions.TYPES, wants=_is_waited_for)
def run_triggers(event_id: int) -> None:
    actions.answer(Event.objects.select_related("agent", "contact").get(pk=event_id))


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
            lambda told: _("It was switched off. %(because)s") % {"because": told.facts.get("because", "")},
            lambda told: reverse("admin:automations_trigger_change", args=[told.subject_id]),
            Permission.ADMIN,
            mailed=True,
            visible=policy.visible_triggers,
        ),
    )
