"""How the two or three statements of every request of a key reach the database: prepared, with nothing between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

Params = Sequence[Any] | Mapping[str, Any]


def execute(sql: str, params: Params) -> tuple[Any, ...] | None:
    """Run one statement and return its first row, if it has any.

    Django's own cursor costs five times what a short prepared statement does. It is used all the same when
    somebody watches the queries (tests and the benchmark count them).
    """
    if connection.execute_wrappers or connection.queries_logged:
        with connection.cursor() as watched:
            watched.execute(sql, params)
            return _first(watched)
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, params, prepare=True)
        return _first(cursor)


def _first(cursor: Any) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
    return row
