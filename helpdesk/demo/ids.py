"""Ids from the database's own sequences, for rows that refer to each other before they are stored."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, models

_BLOCK = 500


def reserve(model: type[models.Model], count: int) -> list[int]:
    """`count` unused ids, ascending."""
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [model._meta.db_table, count])
        return [pk for (pk,) in cursor.fetchall()]


def endless(model: type[models.Model]) -> Iterator[int]:
    """Unused ids, fetched in blocks: at the end some stay unused for ever."""
    while True:
        yield from reserve(model, _BLOCK)
