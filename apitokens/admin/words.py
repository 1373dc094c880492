"""What a key is and may do, said in words."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin.fields import in_words
from accounts.models import HelpdeskSettings
from accounts.models.helpdesk import plan_rate
from accounts.numbers import grouped
from accounts.permissions import ADMINISTRATIVE
from activity.models import Event
from apitokens.models import ApiKey

STATES: dict[str, Promise] = {
    "live": _("live"),
    "expired": _("expired"),
    "suspended": _("suspended"),
    "revoked": _("revoked"),
}


def access(key: ApiKey) -> str:
    """What the key allows, before the agent's role narrows it."""
    words = in_words(key.permissions - ADMINISTRATIVE)
    return _t("%s; admin functions") % words if key.admin_functions else words


def acts_as(key: ApiKey) -> str:
    if not key.is_superuser_key:
        return str(key.agent)
    if key.agent is None:
        return _t("any agent it names")
    return _t("any agent it names, otherwise %s") % key.agent


def expires(key: ApiKey) -> str:
    if key.expires_at is None:
        return _t("never")
    if key.has_expired(timezone.now()):
        return _t("on %s") % date_format(key.expires_at, "DATE_FORMAT")
    return _t("in %s") % timeuntil(key.expires_at, depth=1)


def rate_in_short(key: ApiKey, figure: int) -> str:
    return (_t("%s, its own") if key.rate_limit else _t("%s by plan")) % grouped(figure)


def rate(key: ApiKey) -> str:
    if key.rate_limit:
        return _t("%s a minute, the key's own figure") % grouped(key.rate_limit)
    helpdesk = HelpdeskSettings.objects.get(pk=1)
    figure = plan_rate(helpdesk.plan, helpdesk.enterprise_rate)
    return _t("%(figure)s a minute, as the plan %(plan)s says") % {
        "figure": grouped(figure),
        "plan": helpdesk.get_plan_display(),
    }


def leak(key: ApiKey) -> Event | None:
    """Why a suspended key is suspended."""
    if key.suspended_at is None:
        return None
    return Event.objects.about(key).filter(type="key.suspended").newest_first().first()
