"""How the workspace writes times, counts and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache, lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext_noop, ngettext, pgettext
from django.utils.translation import gettext as _

from tickets import counting, quotes, text
from tickets.filters import FIELDS
from tickets.models import Attachment, Message, Ticket
from tickets.pictures import CLAIMED, MAX_SHOWN

register = template.Library()


@register.filter
def age(moment: datetime) -> str:
    """How long ago, as short as it can be said; older than a week, the date."""
    passed = timezone.now() - moment
    if passed < timedelta(minutes=1):
        return _("now")
    if passed < timedelta(hours=1):
        return _("%(n)s min") % {"n": passed // timedelta(minutes=1)}
    if passed < timedelta(days=1):
        return _("%(n)s h") % {"n": passed // timedelta(hours=1)}
    if passed < timedelta(days=7):
        return _("%(n)s d") % {"n": passed.days}
    local = timezone.localtime(moment)
    is_this_year = local.year == timezone.localtime().year
    return date_format(local, pgettext("date", "j M") if is_this_year else pgettext("date", "j M Y"))


@register.filter
def moment(at: datetime) -> SafeString:
    """A time as its age, with the exact time on hover. Scripts then tell that in the reader's own zone."""
    return _time(at, age(at))


@register.filter
def moment_exact(at: datetime) -> SafeString:
    """A time as date and time of day."""
    return _time(at, date_format(timezone.localtime(at), pgettext("date", "j M Y, H:i")))


def _time(at: datetime, shown: str) -> SafeString:
    start = _start_of_time(at, timezone.get_current_timezone(), get_language())
    return mark_safe(f"{start}{escape(shown)}</time>")  # noqa: S308 - both parts are escaped.


@lru_cache(10_000)
def _start_of_time(at: datetime, zone: tzinfo, language: str | None) -> SafeString:
    """Kept, in each language that is in force, because the same times are told on page after page."""
    local = timezone.localtime(at, zone)
    exact = f"{date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
    return format_html('<time datetime="{}" title="{}">', at.isoformat(timespec="seconds"), exact)


@register.simple_tag
def filter_help() -> SafeString:
    """How filters are written, in the reader's language."""
    return _filter_help(get_language())


@cache
def _filter_help(language: str | None) -> SafeString:
    """Of the language that is in force."""
    fields = [(field.example, field.about) for field in FIELDS.values()]
    return render_to_string("tickets/_filter_help.html", {"fields": fields})


@register.filter
def counted(number: int | None) -> str:
    """A count of a view; counting stops at a thousand. None is a count that cannot be made."""
    if number is None:
        return "–"
    if number > counting.COUNT_CAP:
        return f"{number_format(counting.COUNT_CAP, force_grouping=True)}+"
    return number_format(number, force_grouping=True)


@register.filter
def snippet(ticket: Ticket) -> str:
    """The beginning of the ticket's last message."""
    return text.snippet(getattr(ticket, "last_text", None) or "", 110)


@register.filter
def folded(html: str) -> SafeString:
    """A message's HTML, which was sanitised when it was written, with its long quotations folded.

    What is wider than the column is moved sideways there, also by keyboard.
    """
    shown = quotes.folded(html)
    if "<table>" in shown:
        shown = shown.replace("<table>", '<div class="wide" tabindex="0"><table>')
        shown = shown.replace("</table>", "</table></div>")
    return mark_safe(shown)  # noqa: S308 - sanitised; nothing of anybody's is added.


@register.filter
def pictures(files: Iterable[Attachment]) -> list[Attachment]:
    """Those that claim to be pictures, and are not too large to look at."""
    return [file for file in files if file.content_type in CLAIMED and file.size <= MAX_SHOWN]


@register.filter
def shortened(body: str) -> str:
    """The beginning of a longer text on one line."""
    return text.snippet(body, 80)


@register.filter
def language_name(tag: str) -> str:
    """The name of a language in the reader's own: de-AT is German (de-AT). What nobody named stays a tag."""
    try:
        name = get_language_info(tag)["name_translated"]
    except KeyError:
        return tag
    return str(name) if "-" not in tag else f"{name} ({tag})"


@register.filter
def recipients(message: Message, ticket: Ticket) -> str:
    """Whom a message went to, where that is not just the ticket's contact."""
    emails = getattr(ticket, "emails", ())
    elsewhere = message.to if [address for address in message.to if address not in emails] else []
    lines = [
        (gettext_noop("To %(addresses)s"), elsewhere),
        (gettext_noop("Copy to %(addresses)s"), message.cc),
    ]
    return " · ".join(_(line) % {"addresses": ", ".join(listed)} for line, listed in lines if listed)


@register.filter
def initials(names: Sequence[str]) -> str:
    """Who is there, as short as a row has room for: the letters of one, or how many they are."""
    if len(names) != 1:
        return str(len(names) or "")
    words = names[0].split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"


@register.filter
def are_here(names: Sequence[str]) -> str:
    """Who is there, as a sentence."""
    told = ngettext("%(names)s is here", "%(names)s are here", len(names))
    return told % {"names": ", ".join(names)} if names else ""
