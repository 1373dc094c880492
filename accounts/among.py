"""Many ids in a query."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.expressions import RawSQL


def among(ids: Collection[int]) -> RawSQL:
    """For `pk__in`: one array in place of a parameter each, so that the SQL is the same however many there are.

    PostgreSQL prepares it once, and 2,000 parameters would cost more to send than to answer.
    """
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])
