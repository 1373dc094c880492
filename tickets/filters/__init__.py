"""The filter language of search and saved views: `status:open tag:refund updated:>7d "lost parcel"`."""

from tickets.filters.errors import FilterError
from tickets.filters.fields import FIELDS, Field
from tickets.filters.reading import conditions, parse, select, select_all

__all__ = ["FIELDS", "Field", "FilterError", "conditions", "parse", "select", "select_all"]
