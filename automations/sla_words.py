"""What hours and policies come to, told with an example: “arriving Friday 16:00 is due Monday 10:00”."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from automations import durations
from automations.hours import Calendar, NeverOpenError, add
from automations.models import BusinessHours, Counting, SlaPolicy
from automations.models.sla import calendar_of
from tickets.clocks import Target
from tickets.models import Priority

_FRIDAY, _FOUR = 4, time(16)
_WEEK, _YEAR = timedelta(days=7), 366
_EXAMPLE = timedelta(hours=4)


def of_hours(hours: BusinessHours) -> list[str]:
    """What these hours mean, in a few sentences."""
    calendar = hours.calendar
    arrives = next_friday(calendar)
    lines = [_a_week(calendar), _example(calendar, arrives), *_next_holiday(hours, arrives)]
    return [line for line in lines if line]


def of_policy(policy: SlaPolicy) -> list[str]:
    """What this policy promises, for each priority, in the hours of teams that have none of their own."""
    hours = BusinessHours.objects.filter(is_default=True).first()
    calendar = calendar_of(hours if policy.counting == Counting.BUSINESS else None)
    arrives = next_friday(calendar)
    lines = [_("A ticket that arrives %(when)s is due:") % {"when": _moment(arrives, calendar, arrives)}]
    lines += [
        line
        for priority in sorted(Priority, reverse=True)
        if (line := _line(policy, priority, arrives, calendar))
    ]
    if policy.counting == Counting.BUSINESS:
        lines.append(
            _("By the hours “%(name)s”, unless the ticket’s team has its own.") % {"name": hours}
            if hours
            else _("There are no business hours for teams without their own, so every hour counts for these.")
        )
    return lines


def next_friday(calendar: Calendar) -> datetime:
    """The afternoon that examples begin in."""
    zone = ZoneInfo(calendar.zone)
    today = timezone.now().astimezone(zone).date()
    friday = today + timedelta(days=(_FRIDAY - today.weekday()) % 7)
    return datetime.combine(friday, _FOUR, zone)


def _a_week(calendar: Calendar) -> str:
    total = sum(last - first for spans in calendar.week for first, last in spans)
    return _("Open %(time)s a week.") % {"time": durations.length(total)}


def _example(calendar: Calendar, arrives: datetime) -> str:
    try:
        due = add(calendar, arrives, _EXAMPLE)
    except NeverOpenError:
        return _("With all these holidays there is not enough time in years.")
    sentence = _("A ticket that arrives %(when)s and has 4 hours is due %(due)s.")
    return sentence % {"when": _moment(arrives, calendar, arrives), "due": _moment(due, calendar, arrives)}


def _next_holiday(hours: BusinessHours, after: datetime) -> Iterator[str]:
    """The first day of the next year that is one and on which it would be open."""
    calendar = hours.calendar
    for n in range(_YEAR):
        day = (after + timedelta(days=n)).date()
        if calendar.week[day.weekday()] and not calendar.spans(day):
            named = next(line for line in hours.holidays if line.startswith((f"{day}", f"{day:%m-%d}")))
            on = date_format(day, pgettext("date", "l, j F Y"))
            told = {"day": on, "name": named.partition(" ")[2] or _("a holiday")}
            yield _("The next day off is %(day)s: %(name)s.") % told
            return


def _line(policy: SlaPolicy, priority: Priority, arrives: datetime, calendar: Calendar) -> str:
    told = []
    for target in Target:
        allowed = policy.minutes(target, priority)
        if allowed:
            told.append(f"{target.label}: {_due(calendar, arrives, allowed)}")
    return f"{priority.label}: {'; '.join(told)}" if told else ""


def _due(calendar: Calendar, arrives: datetime, allowed: int) -> str:
    try:
        due = add(calendar, arrives, timedelta(minutes=allowed))
    except NeverOpenError:
        return _("never")
    return _moment(due, calendar, arrives)


def _moment(at: datetime, calendar: Calendar, near: datetime) -> str:
    """A weekday and time of day; later than within a week, the date too."""
    local = at.astimezone(ZoneInfo(calendar.zone))
    is_soon = at - near < _WEEK
    return date_format(local, pgettext("date", "l H:i") if is_soon else pgettext("date", "l, j F, H:i"))
