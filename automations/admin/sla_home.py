"""How promises are kept, on the admin's home."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from accounts.admin.home import Card, Line, card
from accounts.counting import capped_counts
from accounts.numbers import grouped
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from automations.models import SlaPolicy
from tickets import policy
from tickets.clocks import due_before

CAP = 1_000
_SOON = timedelta(hours=4)


@card
def promises(actor: Actor) -> Card | None:
    """Open tickets whose clocks have run out, or soon will. None as long as nothing is promised."""
    if not decide(actor, Permission.TICKETS_READ) or not SlaPolicy.objects.in_use().exists():
        return None
    now, rows = timezone.now(), policy.listed(actor)
    late, soon = capped_counts([rows.filter(due_before(now)), rows.filter(due_before(now + _SOON))], CAP)
    link = reverse("tickets:view", args=["due"])
    return Card(
        _t("SLA"),
        [
            Line(_t("Overdue"), _figure(late), link),
            Line(_t("Due within four hours"), _figure(soon - late) if soon <= CAP else _figure(soon), link),
        ],
    )


def _figure(count: int) -> str:
    return f"{grouped(CAP)}+" if count > CAP else grouped(count)
