"""How the tickets do, on the admin's home."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Aggregate, DurationField, F
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _t

from accounts.admin.home import Card, Line, card
from accounts.counting import capped_counts
from accounts.numbers import grouped
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from tickets import policy
from tickets.models.ticket import TicketQuerySet

WEEK = timedelta(days=7)
CAP = 10_000


@card
def this_week(actor: Actor) -> Card | None:
    if not decide(actor, Permission.TICKETS_READ):
        return None
    since, today = (
        timezone.now() - WEEK,
        timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0),
    )
    rows = policy.visible(actor)
    # Whatever was opened or solved has changed since then, too: by that the index is walked no further than needed.
    changed = rows.filter(updated_at__gte=since)
    counts = capped_counts(
        [
            rows.unresolved().filter(merged_into=None),
            changed.filter(created_at__gte=today),
            changed.filter(created_at__gte=since),
            changed.filter(solved_at__gte=since),
        ],
        CAP,
    )
    names = (_t("Not solved yet"), _t("Opened today"), _t("Opened in 7 days"), _t("Solved in 7 days"))
    lines = [Line(name, _figure(count)) for name, count in zip(names, counts, strict=True)]
    return Card(_t("Tickets"), [*lines, Line(_t("First reply in 7 days"), _usual_wait(changed, since))])


def _usual_wait(changed: TicketQuerySet, since: datetime) -> str:
    """How long contacts usually wait for the first reply: half of them longer. Of the newest replies, up to the cap."""
    waited = F("first_replied_at") - F("created_at")
    # What an agent opened was answered as it came, and nobody waited.
    replied = changed.filter(first_replied_at__gte=since).annotate(waited=waited)
    newest = (
        replied.filter(waited__gt=timedelta(seconds=1)).order_by("-updated_at", "-id").values("waited")[:CAP]
    )
    median: timedelta | None = newest.aggregate(median=Median("waited"))["median"]
    if median is None:
        return _t("none")
    return _t("usually after %s") % timesince(timezone.now() - median)


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _figure(count: int) -> str:
    return f"{grouped(CAP)}+" if count > CAP else grouped(count)
