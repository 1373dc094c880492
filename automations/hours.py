"""Arithmetic with business hours: pure functions over calendars and instants, right across changes of the clocks.

A moment is open when what a clock on the wall shows then, date and time, lies in one of the weekday's spans, and its
date is no holiday. An hour that a clock skips is never open, and one that it shows twice counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 24 * 60
FARTHEST = timedelta(days=5 * 366)
"""How far ahead a calendar is looked through for open hours."""

_A_SECOND = timedelta(seconds=1)
_AROUND = timedelta(hours=3)
"""Clocks that are put back at midnight show the end of a day again after it has begun to be the next."""

Span = tuple[int, int]
"""From a minute of the day up to another one, which does not belong to it: (540, 1020) is 9:00 to 17:00."""
Stretch = tuple[datetime, datetime]
"""From an instant up to another one, both in UTC."""


class NeverOpenError(ValueError):
    """In all of these hours there will not be as much time, for years."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works. Spans of a day are in order and do not overlap."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    """The spans of each weekday, Monday first."""
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    """Holidays of every year: (month, day)."""

    def spans(self, day: date) -> tuple[Span, ...]:
        if day in self.holidays or (day.month, day.day) in self.yearly:
            return ()
        return self.week[day.weekday()]


ALWAYS = Calendar("UTC", (((0, DAY),),) * 7)
"""Every hour of every day."""


def add(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The instant at which so much open time has passed since `start`. Raises NeverOpenError."""
    if amount <= timedelta(0) or calendar == ALWAYS:
        return start + amount
    left = amount
    for opens, shuts in _stretches(calendar, start, start + FARTHEST):
        begins = max(opens, start)
        if begins + left <= shuts:
            return begins + left
        left -= max(shuts - begins, timedelta(0))
    raise NeverOpenError


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much open time lies between two instants; none when the second is not the later one."""
    if end <= start:
        return timedelta(0)
    if calendar == ALWAYS:
        return end - start
    passed = (
        max(min(shuts, end) - max(opens, start), timedelta(0))
        for opens, shuts in _stretches(calendar, start, end)
    )
    return sum(passed, timedelta(0))


def _stretches(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The open stretches of all days that the time from `start` to `end` touches."""
    zone = ZoneInfo(calendar.zone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    day -= timedelta(days=1)
    while day <= last + timedelta(days=1):
        yield from _opened(calendar, day)
        day += timedelta(days=1)


@lru_cache(maxsize=20_000)
def _opened(calendar: Calendar, day: date) -> tuple[Stretch, ...]:
    """When it is open on a day, as instants."""
    spans = calendar.spans(day)
    if not spans:
        return ()
    zone = ZoneInfo(calendar.zone)
    begins = datetime.combine(day, time(), zone).astimezone(UTC) - _AROUND
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) + _AROUND
    found = []
    for since, until in _of_one_offset(begins, ends, zone):
        midnight = datetime.combine(day, time(), UTC) - _offset(since, zone)
        for first, last in spans:
            opens = max(since, midnight + timedelta(minutes=first))
            shuts = min(until, midnight + timedelta(minutes=last))
            if opens < shuts:
                found.append((opens, shuts))
    return tuple(sorted(found))


def _of_one_offset(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[Stretch]:
    """The time between two instants, cut where the clocks change. They do so once in a day at most."""
    if _offset(begins, zone) == _offset(ends, zone):
        yield begins, ends
        return
    before, after = begins, ends
    while after - before > _A_SECOND:
        middle = before + (after - before) // 2 // _A_SECOND * _A_SECOND
        if _offset(middle, zone) == _offset(begins, zone):
            before = middle
        else:
            after = middle
    yield begins, after
    yield after, ends


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
