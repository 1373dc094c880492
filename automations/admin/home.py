"""Webhooks that need somebody, on the admin's home."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _t

from accounts.admin.home import Card, Line, card
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from automations import policy
from automations.admin.standing import standing
from automations.models import Why

SHOWN = 5


@card
def webhooks(actor: Actor) -> Card | None:
    """Those that fail or were switched off because of it. Nothing is said where there is no webhook."""
    if not decide(actor, Permission.WEBHOOKS_READ):
        return None
    rows = policy.visible_webhooks(actor).select_related("key")
    if not rows.exists():
        return None
    troubled = rows.filter(Q(failures__gt=2) | Q(disabled_why__in=[Why.GONE, Why.FAILING]))
    lines = [
        Line(row.name, standing(row).sentence, reverse("admin:automations_webhook_overview", args=[row.pk]))
        for row in troubled.order_by("-disabled_at", "name")[:SHOWN]
    ]
    return Card(_t("Webhooks that fail"), lines, _t("None: what is sent arrives."))
