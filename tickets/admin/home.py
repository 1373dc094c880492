"""How the tickets do, on the admin's home."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _t

from accounts.admin.home import Card, Line, card
from accounts.counting import capped_counts
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from tickets import policy

WEEK = timedelta(days=7)
CAP = 10_000


@card
def this_week(actor: Actor) -> Card | None:
    if not decide(actor, Permission.TICKETS_READ):
        return None
    since = timezone.now() - WEEK
    rows = policy.visible(actor)
    # Whatever was opened or solved has changed since then, too: by that the index is walked no further than needed.
    changed = rows.filter(updated_at__gte=since)
    counts = capped_counts(
        [
            rows.unresolved().filter(merged_into=None),
            changed.filter(created_at__gte=since),
            changed.filter(solved_at__gte=since),
        ],
        CAP,
    )
    names = (_t("Not solved yet"), _t("Opened in 7 days"), _t("Solved in 7 days"))
    return Card(
        _t("Tickets"), [Line(name, _figure(count)) for name, count in zip(names, counts, strict=True)]
    )


def _figure(count: int) -> str:
    return f"{CAP:,}+" if count > CAP else f"{count:,}"
