"""Looking everywhere for what must be nowhere."""

from __future__ import annotations

from django.db import connection


def tables_holding(text: str) -> list[str]:
    """Every table of the database in which some row, written out, holds the text."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
            """
        )
        tables = [name for (name,) in cursor.fetchall()]
        return [table for table in tables if _holds(cursor, table, text)]


def _holds(cursor: object, table: str, text: str) -> bool:
    query = f"SELECT EXISTS (SELECT 1 FROM {table} AS r WHERE strpos(r::text, %s) > 0)"
    cursor.execute(query, [text])  # type: ignore[attr-defined]
    (found,) = cursor.fetchone()  # type: ignore[attr-defined]
    return bool(found)
