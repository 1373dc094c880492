"""How the background work does, on the admin's home."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.admin.home import Card, Line, card
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor

SHOWN = 5


@card
def background_work(actor: Actor) -> Card | None:
    """Jobs that were given up after all their tries. The queue keeps them until somebody has seen to them."""
    if Permission.ADMIN not in rights(actor):
        return None
    failed = ProcrastinateJob.objects.filter(status="failed").values("task_name").annotate(jobs=Count("id"))
    lines = [
        Line(row["task_name"], ngettext("%d job failed", "%d jobs failed", row["jobs"]) % row["jobs"])
        for row in failed.order_by("-jobs", "task_name")[:SHOWN]
    ]
    return Card(_t("Background work"), lines, _t("No job has failed."))
