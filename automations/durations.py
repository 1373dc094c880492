"""Lengths of time as admins write them: `30m`, `4h`, `1h 30m`; and times of day and holidays."""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext as _

from automations.hours import DAY

MOST_MINUTES = 1_000 * 60
"""A target of more than that promises nothing."""

_LENGTH = re.compile(r"(?:([0-9]{1,6})\s*h)?\s*(?:([0-9]{1,6})\s*m(?:in)?)?", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])[:.]([0-5][0-9])", re.ASCII)
_HOLIDAY = re.compile(r"((?:[0-9]{4}-)?[0-9]{2}-[0-9]{2})(?:\s+(.*))?", re.ASCII)
_A_LEAP_YEAR = 2024


def minutes(text: str) -> int:
    """Raises ValueError with a sentence."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ValueError(_("“%(text)s” is no length of time. Write 30m, 4h or 1h 30m.") % {"text": text})
    total = int(found[1] or 0) * 60 + int(found[2] or 0)
    if not 1 <= total <= MOST_MINUTES:
        raise ValueError(_("Choose a time from 1m to 1000h."))
    return total


def length(total: int) -> str:
    """As `minutes` reads it."""
    hours, rest = divmod(total, 60)
    return " ".join(part for part in (f"{hours}h" if hours else "", f"{rest}m" if rest else "") if part)


def clock(text: str) -> int:
    """The minute of the day. Raises ValueError with a sentence."""
    found = _CLOCK.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if minute > DAY:
        raise ValueError(_("“%(text)s” is no time of day. Write 09:00 or 17:30.") % {"text": text})
    return minute


def as_clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def holiday(line: str) -> str:
    """A holiday as it is kept. Raises ValueError with a sentence."""
    found = _HOLIDAY.fullmatch(" ".join(line.split()))
    if found is None:
        sentence = _("“%(line)s”: write 2026-04-06 Easter Monday, or 12-25 Christmas for every year.")
        raise ValueError(sentence % {"line": line[:80]})
    day = found[1] if len(found[1]) > len("12-25") else f"{_A_LEAP_YEAR}-{found[1]}"
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ValueError(_("“%(line)s”: there is no such day.") % {"line": line[:80]}) from None
    return f"{found[1]} {found[2] or ''}".strip()[:120]
