"""Finding tickets by words: PostgreSQL full text over one document per ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from tickets.models import Message, MessageKind, Ticket, TicketSearch

MAX_TYPED = 500
MAX_TERMS = 16
FEW = 2_000
"""Matches up to which all of them are fetched and sorted."""

MAX_INDEXED = 20_000
"""Characters of one message that search sees."""

FULL = 400_000
"""Bytes of a document after which further messages are left out: PostgreSQL allows one megabyte."""

_DOCUMENT = """
    setweight(to_tsvector('simple', concat_ws(' ', ticket.id, ticket.subject, ticket.external_id)), 'A')
    || setweight(to_tsvector('simple', concat_ws(' ', contact.name, (
        SELECT string_agg(concat_ws(' ', email.address, translate(email.address, '@.', '  ')), ' ')
        FROM accounts_contactemail email WHERE email.contact_id = contact.id
    ))), 'B')
"""
_MESSAGE = f"""
    setweight(
        to_tsvector('simple', left(%(text)s, {MAX_INDEXED})), (CASE WHEN %(is_note)s THEN 'D' ELSE 'C' END)::"char"
    )
"""

_JOINED = f"""
    CREATE OR REPLACE FUNCTION pg_temp.joined_next(tsvector, tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE AS
    'SELECT CASE WHEN pg_column_size($1) < {FULL} THEN $1 || $2 ELSE $1 END';
    CREATE OR REPLACE AGGREGATE pg_temp.joined(tsvector) (SFUNC = pg_temp.joined_next, STYPE = tsvector, INITCOND = '')
"""
"""An aggregate of one session that puts documents behind each other as `add` does."""


def add(ticket: Ticket, message: Message) -> None:
    """Make a new message findable. Costs one statement, however long the ticket is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO tickets_ticketsearch AS kept (ticket_id, document)
            SELECT ticket.id, {_DOCUMENT} || {_MESSAGE}
            FROM tickets_ticket ticket JOIN accounts_contact contact ON contact.id = ticket.contact_id
            WHERE ticket.id = %(ticket)s
            ON CONFLICT (ticket_id) DO UPDATE SET document = CASE
                WHEN pg_column_size(kept.document) < {FULL} THEN kept.document || {_MESSAGE} ELSE kept.document END
            """,
            {"ticket": ticket.pk, "text": message.body_text, "is_note": message.is_note},
        )


def rebuild(ticket: Ticket) -> None:
    """Write the document anew after the subject, the contact or an id changed, with what was merged into it."""
    TicketSearch.objects.filter(ticket=ticket).delete()
    inner = list(ticket.contents.values_list("inner", flat=True))
    messages = Message.objects.filter(ticket__in=[ticket.pk, *inner])
    for message in messages.order_by("created_at", "id").iterator():
        add(ticket, message)
    for pk in inner:
        _add_head(ticket, pk)


def take_in(ticket: Ticket, merged: Ticket) -> None:
    """Let the ticket be found by everything that the merged one was found by, and that one no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE tickets_ticketsearch kept SET document = kept.document || taken.document
            FROM tickets_ticketsearch taken
            WHERE kept.ticket_id = %s AND taken.ticket_id = %s
            AND pg_column_size(kept.document) + pg_column_size(taken.document) < {FULL}
            """,
            [ticket.pk, merged.pk],
        )
    TicketSearch.objects.filter(ticket=merged).delete()


def _add_head(ticket: Ticket, merged: int) -> None:
    """What a merged ticket is found by besides its messages."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE tickets_ticketsearch kept SET document = kept.document || {_DOCUMENT}
            FROM tickets_ticket ticket JOIN accounts_contact contact ON contact.id = ticket.contact_id
            WHERE kept.ticket_id = %s AND ticket.id = %s AND pg_column_size(kept.document) < {FULL}
            """,
            [ticket.pk, merged],
        )


def fill(first: int, last: int) -> None:
    """Write the documents of all tickets with ids from `first` to `last` anew: after a bulk load.

    The index takes in all of them together at the end, fifteen times as fast as one by one. Until the
    transaction ends, whoever searches waits.
    """
    message = _MESSAGE % {"text": "message.body_text", "is_note": f"message.kind = '{MessageKind.NOTE}'"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_JOINED)
        cursor.execute("ALTER INDEX search_document SET (fastupdate = on)")
        cursor.execute("SET LOCAL gin_pending_list_limit = '1GB'")
        cursor.execute(
            f"""
            INSERT INTO tickets_ticketsearch (ticket_id, document)
            SELECT ticket.id, {_DOCUMENT} || messages.document
            FROM tickets_ticket ticket
            JOIN accounts_contact contact ON contact.id = ticket.contact_id
            JOIN (
                SELECT ticket_id, pg_temp.joined({message} ORDER BY created_at, id) AS document
                FROM tickets_message message WHERE ticket_id BETWEEN %(first)s AND %(last)s GROUP BY ticket_id
            ) messages ON messages.ticket_id = ticket.id
            ON CONFLICT (ticket_id) DO UPDATE SET document = excluded.document
            """,
            {"first": first, "last": last},
        )
        cursor.execute("SELECT gin_clean_pending_list('search_document')")
        cursor.execute("ALTER INDEX search_document SET (fastupdate = off)")


@dataclass(frozen=True, slots=True)
class Term:
    """One or several words in a row; the last one matches as the beginning of a word unless quoted."""

    lexemes: tuple[str, ...]
    prefix: bool
    negated: bool

    def tsquery(self, weights: str) -> str:
        """In the syntax of `to_tsquery`. Lexemes hold no quotes and no operators (see `parse`)."""
        endings = [f":{weights}" if weights else ""] * len(self.lexemes)
        if self.prefix:
            endings[-1] = f":*{weights}"
        words = " <-> ".join(
            f"'{lexeme}'{ending}" for lexeme, ending in zip(self.lexemes, endings, strict=True)
        )
        return f"!({words})" if self.negated else f"({words})"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives of which one must hold; of each alternative, all terms."""

    alternatives: tuple[tuple[Term | AnyOf, ...], ...]

    def tsquery(self, weights: str) -> str:
        ways = (" & ".join(term.tsquery(weights) for term in terms) for terms in self.alternatives)
        return f"({' | '.join(f'({way})' for way in ways)})"


Terms = Sequence[Term | AnyOf]


def parse(typed: str) -> list[Term]:
    """What somebody typed: words that must all occur, `"phrases"`, and `-words` that must not.

    Empty when nothing is left to look for, also when everything is negated.
    """
    found = re.findall(r'(-?)(?:"([^"]*)"|(\S+))', typed.replace("\x00", " ")[:MAX_TYPED])[:MAX_TERMS]
    terms = [
        Term(lexemes(phrase or word), prefix=not phrase, negated=bool(minus)) for minus, phrase, word in found
    ]
    kept = [term for term in terms if term.lexemes]
    return kept if any(not term.negated for term in kept) else []


def lexemes(text: str) -> tuple[str, ...]:
    """The words of a text without anything that means something to `to_tsquery`."""
    return tuple(re.findall(r"[^\s'\"\\&|!():*<>]+", text.replace("\x00", " ")))


def question(terms: Terms, actor: Actor) -> SearchQuery:
    """The terms as a PostgreSQL query, leaving internal notes out for those who may not read notes."""
    weights = "" if Permission.NOTES_READ in rights(actor) else "ABC"
    return SearchQuery(
        " & ".join(term.tsquery(weights) for term in terms), config="simple", search_type="raw"
    )


def few(query: SearchQuery) -> list[int] | None:
    """The ids of all tickets that match, whoever may see them, or None when they are more than a few.

    Asking first how common the words are keeps the database from guessing: rare words are fetched from the
    index and sorted, common ones are met soon enough when walking from the newest ticket down.
    """
    rows = TicketSearch.objects.filter(document=query).order_by().values_list("pk", flat=True)[: FEW + 1]
    sql, values = rows.query.sql_with_params()
    # As one array, and none for a common word: as rows they would take longer to read than to find.
    whole = f"SELECT CASE WHEN count(*) <= %s THEN array_agg(pk) END, count(*) FROM ({sql}) AS found"
    with connection.cursor() as cursor:
        cursor.execute(whole, [FEW, *values])
        ids, number = cursor.fetchone()
    return (ids or []) if number <= FEW else None


def matches(query: SearchQuery) -> Exists:
    """The condition that a ticket holds the words."""
    return Exists(TicketSearch.objects.filter(ticket=OuterRef("pk"), document=query))
