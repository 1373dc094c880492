"""Until when a ticket can be snoozed: times somebody is likely to mean, in his own time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tickets.forms import ChangeForm

MORNING = time(8)
AFTERNOON = time(13)


def likely(now: datetime) -> list[tuple[str, datetime]]:
    """Names and times after `now`, whose time zone they are in: each once, the nearest first."""
    today, monday = now.date(), 7 - now.date().weekday()
    later = now + timedelta(hours=3)
    soon = (
        (_("This afternoon"), datetime.combine(today, AFTERNOON, now.tzinfo))
        if now.time() < time(11)
        else (_("In a few hours"), later.replace(minute=0, second=0, microsecond=0))
    )
    days = ((_("Tomorrow"), 1), (_("In three days"), 3), (_("Next Monday"), monday), (_("In two weeks"), 14))
    mornings = [
        (name, datetime.combine(today + timedelta(ahead), MORNING, now.tzinfo)) for name, ahead in days
    ]
    named = {
        at: name for name, at in reversed([soon, *mornings])
    }  # Of two names for one time, the first stays.
    return [(named[at], at) for at in sorted(named)]


def said(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), pgettext("date", "D j M, H:i"))


class SnoozeForm(ChangeForm):
    """One of the likely times, or a day and perhaps a time of day."""

    value = forms.CharField(required=False, max_length=40)
    date = forms.DateField(label=gettext_lazy("Day"), required=False)
    time = forms.TimeField(label=gettext_lazy("Time"), required=False)

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        now = timezone.localtime()
        return [(at.isoformat(), f"{name} · {said(at)}", False) for name, at in likely(now)]

    @property
    def zone(self) -> str:
        return timezone.get_current_timezone_name().replace("_", " ")

    @property
    def first_day(self) -> str:
        """No earlier day is worth choosing."""
        return timezone.localdate().isoformat()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        return given | {"value": _chosen(given)}


def _chosen(given: dict[str, Any]) -> datetime:
    if given.get("value"):
        return _parsed(given["value"])
    if given.get("date"):
        return datetime.combine(given["date"], given.get("time") or MORNING, timezone.get_current_timezone())
    raise ValidationError(_("Choose a day."))


def _parsed(value: str) -> datetime:
    try:
        at = parse_datetime(value)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at):
        raise ValidationError(_("“%(value)s” is no time. Choose one of those on offer.") % {"value": value})
    return at
