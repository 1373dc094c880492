"""How the workspace shows clocks. `clocks.js` counts them down in the same words."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from tickets.clocks import Clock, State, clocks_of, foremost
from tickets.models import Ticket

register = template.Library()

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.filter
def clocks(ticket: Ticket) -> list[Clock]:
    return clocks_of(ticket)


@register.filter
def clock(ticket: Ticket) -> Clock | None:
    """The one that a row has room for."""
    return foremost(ticket)


@register.filter
def shown(clock: Clock) -> SafeString:
    """A clock in words, with the exact time on hover."""
    if not clock.counts or clock.due_at is None:
        about = _about(clock)
        return format_html(
            '<span class="clock" data-state="{}" title="{}">{}</span>', clock.state, about, _still(clock)
        )
    start = _start(clock, clock.due_at, timezone.get_current_timezone(), get_language())
    left = escape(counted(clock.due_at, timezone.now()))
    return mark_safe(f"{start}{left}</time>")  # noqa: S308 - both parts are escaped.


@lru_cache(10_000)
def _start(clock: Clock, due_at: datetime, zone: tzinfo, language: str | None) -> SafeString:
    """Kept, in each language that is in force, because the same clocks are shown on page after page."""
    return format_html(
        '<time class="clock" data-state="{}" datetime="{}" data-near="{}" data-about="{}" title="{}: {}">',
        *(clock.state, _iso(due_at), _iso(clock.near_at or due_at), _about(clock), _about(clock)),
        f"{timezone.localtime(due_at, zone):%Y-%m-%d %H:%M %Z}",
    )


def _about(clock: Clock) -> str:
    return f"{clock.target.label}, {clock.policy}"


def counted(due_at: datetime, now: datetime) -> str:
    if due_at <= now:
        return _("%(time)s overdue") % {"time": length(now - due_at)}
    return _("%(time)s left") % {"time": length(due_at - now)}


def length(time: timedelta) -> str:
    """As short as it can be said, cut: to the minute within ten hours, to the hour within two days, then in days."""
    days, hours, minutes = time // _DAY, time // _HOUR, time % _HOUR // _MINUTE
    if hours >= 48:
        return _("%(n)s d") % {"n": days}
    if hours >= 10:
        return _("%(n)s h") % {"n": hours}
    parts = [(gettext_noop("%(n)s h"), hours), (gettext_noop("%(n)s min"), minutes)]
    told = [_(word) % {"n": number} for word, number in parts if number]
    return " ".join(told) or _("%(n)s min") % {"n": 0}


def _still(clock: Clock) -> str:
    if clock.state == State.PAUSED:
        return _("paused")
    if clock.done_at is None:
        return _("running")
    return _("in time") if clock.state == State.MET else _("too late")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
