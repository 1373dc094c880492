"""How the admin tells what macros and triggers do."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from automations.facts import FACTS
from tickets.filters import FIELDS


def in_order(told: Iterable[str], broken: Iterable[str] = ()) -> SafeString:
    """Steps in words, and what is wrong with them."""
    good = format_html_join("", "<li>{}</li>", ((one,) for one in told))
    wrong = format_html_join("", '<li class="run-failed">{}</li>', ((one,) for one in broken))
    return format_html('<ol class="step-words">{}{}</ol>', good, wrong)


def how_to_ask() -> SafeString:
    """What conditions can ask, of the event and of its ticket."""
    event = ((fact.example, fact.about) for fact in FACTS.values())
    case = ((field.example, field.about) for field in FIELDS.values())
    rows = format_html_join("", "<div><dt><code>{}</code></dt><dd>{}</dd></div>", [*event, *case])
    return format_html('<dl class="facts">{}</dl>', rows)
