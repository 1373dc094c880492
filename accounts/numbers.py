"""Numbers in sentences."""

from __future__ import annotations

from django.utils.formats import number_format


def grouped(number: int) -> str:
    """As the reader's language groups its digits: 1,204 or 1.204."""
    return number_format(number, force_grouping=True)
