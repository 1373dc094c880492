"""Looking everywhere for what must be nowhere."""

from __future__ import annotations

import html
import re

from django.db import connection
from django.test import Client


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
    # The six digits of a code may also be the fraction of some second.
    row = r"regexp_replace(r::text, '\.\d+\+00', '', 'g')" if text.isdigit() else "r::text"
    query = f"SELECT EXISTS (SELECT 1 FROM {table} AS r WHERE strpos({row}, %s) > 0)"
    cursor.execute(query, [text])  # type: ignore[attr-defined]
    (found,) = cursor.fetchone()  # type: ignore[attr-defined]
    return bool(found)


def admin_pages(client: Client, *known: str) -> dict[str, str]:
    """Address → text of every page of the admin that this browser reaches by links, from its home and the known ones.

    Lists are read once, as they are at first: their filters and orders show no other rows.
    """
    pages: dict[str, str] = {}
    tried, waiting = set(), ["/admin/", *known]
    while waiting:
        path = waiting.pop()
        if path in tried or path.startswith("/admin/logout"):
            continue
        tried.add(path)
        answer = client.get(path, follow=True)
        text = html.unescape(answer.getvalue().decode(errors="replace"))
        if answer.status_code == 200:
            pages[path] = text
            links = re.findall(r'href="([^"#?]+)', text)
            waiting += [link for link in links if link.startswith("/admin/")]
    return pages
