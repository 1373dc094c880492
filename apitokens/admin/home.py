"""How the keys do, on the admin's home."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from accounts.admin.home import Card, Line, card
from accounts.numbers import grouped
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from apitokens import health, policy
from apitokens.models import ApiKey, DailyUse

SHOWN = 5
MOST = 1_000
"""Keys that are looked at: those that were made last."""


@card
def attention(actor: Actor) -> Card | None:
    """Suspended keys, and those of which their health has something to warn of; the worst first."""
    if not decide(actor, Permission.KEYS_READ):
        return None
    rows = (
        policy.visible(actor).filter(revoked_at=None).select_related("agent__role", "usage").order_by("-id")
    )
    keys = {key.pk: key for key in rows[:MOST]}
    suspended = [_line(key, _t("suspended")) for key in keys.values() if key.state == "suspended"]
    found = {
        pk: few[0] for pk, few in health.of(list(keys.values())).items() if few and few[0].tone != "calm"
    }
    order = list(health.Health)
    worst = sorted(found, key=lambda pk: order.index(found[pk].health))
    lines = [*suspended, *(_line(keys[pk], found[pk].sentence) for pk in worst)]
    return Card(_t("Keys that need attention"), _few(lines), _t("None: all keys are well."))


def _few(lines: list[Line]) -> list[Line]:
    more = len(lines) - SHOWN
    if more <= 0:
        return lines
    told = ngettext("and %d more", "and %d more", more) % more
    return [*lines[:SHOWN], Line(told, "", reverse("admin:apitokens_apikey_changelist"))]


@card
def busiest(actor: Actor) -> Card | None:
    if not decide(actor, Permission.KEYS_READ):
        return None
    since = (timezone.now() - timedelta(days=7)).date()
    rows = DailyUse.objects.filter(day__gt=since, key__in=policy.visible(actor).values("pk"))
    sums = rows.order_by().values_list("key_id").annotate(all=Sum("requests")).order_by("-all", "key_id")
    counted = dict(sums[:SHOWN])
    keys = policy.visible(actor).in_bulk(list(counted))
    lines = [_line(keys[pk], _requests(count)) for pk, count in counted.items()]
    return Card(_t("Busiest keys in 7 days"), lines, _t("No program asked for anything."))


def _requests(count: int) -> str:
    return ngettext("%s request", "%s requests", count) % grouped(count)


def _line(key: ApiKey, says: str) -> Line:
    return Line(key.name, says, reverse("admin:apitokens_apikey_overview", args=[key.pk]))
