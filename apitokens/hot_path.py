"""How the two or three statements of every request of a key reach the database: prepared, with nothing between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

Params = Sequence[Any] | Mapping[str, Any]


def fetch(sql: str, params: Params) -> tuple[Any, ...] | None:
    """Run one statement and return its first row, if it has any."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def run(sql: str, params: Params) -> None:
    """Run one statement that returns nothing."""
    with _cursor() as cursor:
        cursor.execute(sql, params)


@contextmanager
def _cursor() -> Iterator[Any]:
    """Django's own cursor costs five times what a short prepared statement does.

    It is used all the same when somebody watches the queries: tests and the benchmark count them.
    """
    # The thread's own, found once: `django.db.connection` looks for it at each of its attributes.
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.execute_wrappers or connection.queries_logged:
        with connection.cursor() as watched:
            yield watched
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, Prepared(connection.connection) as cursor:
        yield cursor


class Prepared(psycopg.Cursor[Any]):
    """Prepares every statement at its first use."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        return super().execute(query, params, prepare=True, **kwargs)
