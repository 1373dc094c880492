"""Where the words that were looked for stand: told of the few tickets that a page shows, never of all that match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from activity.actor import Actor
from tickets import policy
from tickets.search import MAX_INDEXED, AnyOf, Term, Terms
from tickets.text import without_marks

_NEWEST = 30
"""Messages of one ticket, and of each that was merged into it, that are looked through."""

_LEAD = 12
"""Characters before the first word that was found, at most."""

_START, _STOP = "\x02", "\x03"
_WHOLE = f"StartSel={_START}, StopSel={_STOP}, HighlightAll=true"
_PART = f"StartSel={_START}, StopSel={_STOP}, MaxFragments=1, MinWords=8, MaxWords=22"

# Ticket by ticket from the top of the index: asked for all in one condition, the database would read every message.
_SQL = f"""
    WITH asked AS (SELECT to_tsquery('simple', %(query)s) AS query)
    SELECT ticket.id, ts_headline('simple', ticket.subject, query, '{_WHOLE}'),
        ts_headline('simple', contact.name, query, '{_WHOLE}'),
        (
            SELECT ts_headline('simple', said.text, query, '{_PART}')
            FROM (
                SELECT ticket.id UNION ALL SELECT inner_id FROM tickets_containment WHERE outer_id = ticket.id
            ) AS part CROSS JOIN LATERAL (
                SELECT left(message.body_text, {MAX_INDEXED}) AS text, message.created_at
                FROM tickets_message message
                WHERE message.ticket_id = part.id AND message.kind = ANY(%(kinds)s::text[])
                ORDER BY message.created_at DESC LIMIT {_NEWEST}
            ) said
            WHERE to_tsvector('simple', said.text) @@ query ORDER BY said.created_at DESC LIMIT 1
        )
    FROM asked, tickets_ticket ticket JOIN accounts_contact contact ON contact.id = ticket.contact_id
    WHERE ticket.id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Subject, contact and the best part of a message, as safe HTML with the words marked."""

    subject: SafeString
    contact: SafeString
    text: SafeString
    """Empty when no message that the agent may read has any of the words."""


def of(ids: Sequence[int], terms: Terms, actor: Actor) -> Mapping[int, Found]:
    """What to show of each of these tickets, which the actor sees. One statement, and none without words."""
    words = [term.tsquery("") for term in _positive(terms)]
    if not ids or not words:
        return {}
    values: dict[str, Any] = {
        "query": " | ".join(words),
        "kinds": policy.readable_kinds(actor),
        "ids": list(ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        rows = cursor.fetchall()
    return {pk: Found(_marked(one), _marked(who), _marked(_from_near(text))) for pk, one, who, text in rows}


def _positive(terms: Iterable[Term | AnyOf]) -> Iterator[Term]:
    """The words that a ticket has, not those that it must not have."""
    for term in terms:
        if isinstance(term, AnyOf):
            for alternative in term.alternatives:
                yield from _positive(alternative)
        elif not term.negated:
            yield term


def _from_near(text: str | None) -> str:
    """The text from a few words before the first one that was found: a row has room for little."""
    text = without_marks(" ".join((text or "").split()))
    start = text.find(_START)
    if start <= _LEAD:
        return text
    space = text.find(" ", start - _LEAD, start)
    return f"…{text[start if space < 0 else space :]}"


def _marked(text: str) -> SafeString:
    line = str(escape(text))
    return mark_safe(line.replace(_START, "<mark>").replace(_STOP, "</mark>"))  # noqa: S308 - escaped above.
