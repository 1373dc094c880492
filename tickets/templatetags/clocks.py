"""How the workspace shows clocks. `clocks.js` counts them down in the same words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
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
    about = f"{clock.target.label}, {clock.policy}"
    if not clock.counts or clock.due_at is None:
        return format_html(
            '<span class="clock" data-state="{}" title="{}">{}</span>', clock.state, about, _still(clock)
        )
    exact = f"{timezone.localtime(clock.due_at):%Y-%m-%d %H:%M %Z}"
    return format_html(
        '<time class="clock" data-state="{}" datetime="{}" data-near="{}" data-about="{}" title="{}: {}">{}</time>',
        *(clock.state, _iso(clock.due_at), _iso(clock.near_at or clock.due_at), about, about, exact),
        counted(clock.due_at, timezone.now()),
    )


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
    parts = [(_("%(n)s h"), hours), (_("%(n)s min"), minutes)]
    told = [word % {"n": number} for word, number in parts if number]
    return " ".join(told) or _("%(n)s min") % {"n": 0}


def _still(clock: Clock) -> str:
    if clock.state == State.PAUSED:
        return _("paused")
    if clock.done_at is None:
        return _("running")
    return _("in time") if clock.state == State.MET else _("too late")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
