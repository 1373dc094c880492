"""Times in filters: ages such as `>7d`, and days, months and years such as `2026-11-01` or `2026-10..2026-11`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.sentences import gettext as _
from tickets.filters.tree import Value

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_AGE = re.compile(r"([0-9]{1,5})([mhdwy])", re.ASCII)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)

HOW = gettext_lazy(
    "Write >7d (longer ago), <2h (since then), 2026-11-01, 2026-11, today, yesterday or 2026-11-01..2026-11-05."
)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first moment of one day to the first moment of another, which does not belong to it."""

    first: date
    end: date


def condition(column: str, value: Value, now: datetime) -> Q:
    """The tickets whose `column` is in the time that `value` says. Raises FilterError."""
    age = _AGE.fullmatch(value.text)
    if value.quoted:
        raise value.error(str(HOW))
    if age:
        return _by_age(column, value, now, int(age[1]) * _UNITS[age[2]])
    if ".." in value.text:
        return _by_range(column, value, now)
    meant = days(value, value.text, now)
    return {
        "": _from(column, meant.first) & _before(column, meant.end),
        ">": _from(column, meant.end),
        ">=": _from(column, meant.first),
        "<": _before(column, meant.first),
        "<=": _before(column, meant.end),
    }[value.comparison]


def _by_age(column: str, value: Value, now: datetime, age: timedelta) -> Q:
    if not value.comparison:
        raise value.error(
            _("Write >%(value)s for longer ago than that, or <%(value)s for since then.")
            % {"value": value.text}
        )
    try:
        then = now - age
    except OverflowError:
        raise value.error(_("That is longer ago than time goes back.")) from None
    return Q(**{f"{column}__{'lt' if value.comparison.startswith('>') else 'gt'}": then})


def _by_range(column: str, value: Value, now: datetime) -> Q:
    first, _dots, last = value.text.partition("..")
    if value.comparison or not (first or last):
        raise value.error(str(HOW))
    condition = _from(column, days(value, first, now).first) if first else Q()
    return condition & _before(column, days(value, last, now).end) if last else condition


def days(value: Value, text: str, now: datetime, how: str = "") -> Days:
    """What a date, a month, a year or a word for a day stands for, in the helpdesk's time zone.

    Raises FilterError, which says `how` to write it.
    """
    today = timezone.localtime(now).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}.get(text.lower())
    if named:
        return Days(named, named + timedelta(days=1))
    found = _DATE.fullmatch(text)
    if found is None:
        raise value.error(how or str(HOW))
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return Days(first, first + timedelta(days=1))
        following = (year, month + 1) if month and month < 12 else (year + 1, 1)
        return Days(first, date(*following, 1))
    except (ValueError, OverflowError):
        raise value.error(_("There is no such day.")) from None


def _from(column: str, day: date) -> Q:
    return Q(**{f"{column}__gte": _midnight(day)})


def _before(column: str, day: date) -> Q:
    return Q(**{f"{column}__lt": _midnight(day)})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
