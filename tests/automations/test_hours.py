"""Business hours, held against somebody who looks at the clock on the wall once a minute for a year."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from automations.hours import ALWAYS, DAY, Calendar, NeverOpenError, Span, add, between
from automations.reckoning import Promise, Story, reckon
from tests.length import at_length
from tickets.clocks import Target

A_MINUTE = timedelta(minutes=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 366 * DAY

ZONES = (
    "UTC", "Europe/Vienna", "Europe/London", "America/New_York", "America/St_Johns", "America/Havana",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Africa/Casablanca", "America/Santiago",
    "Pacific/Chatham",
)  # fmt: skip
"""With half hours and quarters, with clocks that change at midnight or by half an hour, north and south."""

NINE_TO_FIVE: tuple[Span, ...] = ((9 * 60, 17 * 60),)
OFFICE = (NINE_TO_FIVE,) * 5 + ((), ())


class Watch:
    """Whether it was open, minute by minute, as told by the clock on the wall."""

    def __init__(self, calendar: Calendar) -> None:
        zone = ZoneInfo(calendar.zone)
        moments = (YEAR + n * A_MINUTE for n in range(MINUTES))
        self.passed = [0, *accumulate(self._is_open(calendar, at.astimezone(zone)) for at in moments)]

    @staticmethod
    def _is_open(calendar: Calendar, wall: datetime) -> int:
        if wall.date() in calendar.holidays or (wall.month, wall.day) in calendar.yearly:
            return 0
        minute = wall.hour * 60 + wall.minute
        return int(any(first <= minute < last for first, last in calendar.week[wall.weekday()]))

    def between(self, start: int, end: int) -> int:
        return self.passed[end] - self.passed[start]

    def add(self, start: int, minutes: int) -> int | None:
        """The first minute by whose beginning so many open ones have passed."""
        found = bisect_left(self.passed, self.passed[start] + minutes, start)
        return found if found <= MINUTES else None


def made_up(chance: Random, zone: str) -> Calendar:
    def spans() -> tuple[Span, ...]:
        ends = sorted(chance.sample([*range(0, DAY, 5), 1, 61, 121, 179, DAY], 2 * chance.randrange(4)))
        return tuple(zip(ends[::2], ends[1::2], strict=True))

    week = tuple(((0, DAY),) if chance.random() < 0.1 else spans() for _day in range(7))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    yearly = ((day.month, day.day) for day in chance.sample(days, 8))
    return Calendar(zone, week, frozenset(chance.sample(days, 12)), frozenset(yearly))


def agrees(calendar: Calendar, cases: int, chance: Random) -> None:
    watch = Watch(calendar)
    for _case in range(cases):
        start, end = sorted(chance.randrange(MINUTES + 1) for _n in range(2))
        if chance.random() < 0.5:
            end = min(MINUTES, start + chance.randrange(3 * DAY))
        begins, ends = YEAR + start * A_MINUTE, YEAR + end * A_MINUTE
        assert between(calendar, begins, ends) == watch.between(start, end) * A_MINUTE, (
            calendar,
            begins,
            ends,
        )
        minutes = 1 + chance.randrange(1 + chance.choice((60, DAY, 10 * DAY)))
        due = watch.add(start, minutes)
        if due is not None:
            found = add(calendar, begins, minutes * A_MINUTE)
            assert found == YEAR + due * A_MINUTE, (calendar, begins, minutes)
        stands_still(calendar, watch, chance)


def stands_still(calendar: Calendar, watch: Watch, chance: Random) -> None:
    """A clock that stands still twice is due when the watch, held at the same times, says so."""
    begin = chance.randrange(300 * DAY)
    created, *changes = (begin + n for n in sorted(chance.sample(range(20 * DAY), 5)))
    allowed = 1 + chance.randrange(3 * DAY)
    kinds = ("open", "pending", "open", "pending", "open")
    story = Story(
        created_at=YEAR + created * A_MINUTE,
        category="open",
        first_replied_at=None,
        solved_at=None,
        changes=tuple(
            (YEAR + at * A_MINUTE, *change) for at, change in zip(changes, pairwise(kinds), strict=True)
        ),
    )
    promise = Promise({"id": 1}, YEAR, calendar, A_MINUTE, {Target.RESOLUTION: allowed * A_MINUTE})
    ends = (changes[0], changes[2], MINUTES)
    due = None
    for start, end in zip((created, changes[1], changes[3]), ends, strict=True):
        if watch.between(start, end) >= allowed:
            due = watch.add(start, allowed)
            break
        allowed -= watch.between(start, end)
    if due is not None:
        found = reckon(promise, story, before={}, now=YEAR)
        assert found.due_at == YEAR + due * A_MINUTE, (calendar, story)


def test_the_arithmetic_agrees_with_a_clock_that_is_watched_for_a_year() -> None:
    chance = Random(7)  # noqa: S311 - the same cases every time.
    agrees(made_up(chance, "Europe/Vienna"), 500, chance)


@at_length
def test_it_agrees_in_ten_thousand_cases_of_all_kinds_of_time_zones() -> None:
    chance = Random(20_260_101)  # noqa: S311 - the same cases every time.
    for n in range(25):
        agrees(made_up(chance, ZONES[n % len(ZONES)]), 400, chance)


def vienna(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Europe/Vienna")).astimezone(UTC)


def test_a_weekend_a_holiday_and_a_break_at_noon_are_left_out() -> None:
    halves: tuple[Span, ...] = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    calendar = Calendar("Europe/Vienna", (halves,) * 5 + ((), ()), frozenset({date(2026, 10, 26)}))
    friday = vienna("2026-10-23", "16:00")
    # The clocks go back on Sunday the 25th, and Monday the 26th is a holiday.
    assert add(calendar, friday, timedelta(hours=2)) == vienna("2026-10-27", "10:00")
    assert add(calendar, friday, timedelta(hours=1)) == vienna("2026-10-23", "17:00")
    assert add(calendar, vienna("2026-10-24", "03:00"), timedelta(hours=4)) == vienna("2026-10-27", "14:00")
    assert between(calendar, friday, vienna("2026-10-28", "00:00")) == timedelta(hours=8)
    every_year = Calendar("Europe/Vienna", OFFICE, yearly=frozenset({(10, 26)}))
    assert add(every_year, vienna("2029-10-25", "16:30"), timedelta(hours=1)) == vienna("2029-10-29", "09:30")


def test_hours_that_clocks_skip_or_show_twice_count_as_they_pass() -> None:
    all_day = Calendar("Europe/Vienna", (((0, DAY),),) * 7)
    night = Calendar("Europe/Vienna", (((2 * 60, 3 * 60),),) * 7)
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)):
        midnight = vienna(day, "00:00")
        next_one = vienna(str(date.fromisoformat(day) + timedelta(days=1)), "00:00")
        assert between(all_day, midnight, next_one) == timedelta(hours=hours)
        assert between(night, midnight, next_one) == timedelta(hours=hours - 23)


def test_in_calendar_hours_time_just_passes() -> None:
    assert add(ALWAYS, YEAR, timedelta(hours=30)) == YEAR + timedelta(hours=30)
    assert between(ALWAYS, YEAR, YEAR + timedelta(days=400)) == timedelta(days=400)
    assert between(ALWAYS, YEAR + A_MINUTE, YEAR) == timedelta(0)


def test_hours_that_never_come_are_an_error_and_no_endless_search() -> None:
    with pytest.raises(NeverOpenError):
        add(Calendar("UTC", ((),) * 7), YEAR, A_MINUTE)
