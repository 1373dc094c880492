"""Lists: pages with totals, or cursors without; sorting; what is included. The same for every resource."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.among import among
from accounts.api.columns import Columns, columns
from accounts.api.errors import ApiError
from accounts.keyset import Order, Position
from accounts.walks import Walk

PARAMETERS = frozenset({"page", "per_page", "count", "cursor", "sort", "include", "ids", "updated_since"})
MAX_PER_PAGE = 100
IN_PIECES = frozenset({"ids", "include"})
"""Parameters that hold a list, and may be given several times instead of with commas between."""
DEEPEST_ROW = 10_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What may be asked of a list: how to sort it, and which fields' rows to include, of which kind."""

    orders: Mapping[str, Order]
    default: str
    includes: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Where a list's rows come from."""

    @property
    def model(self) -> type[Model]: ...

    def positions(self, *, after: Position | None, limit: int) -> list[Position]: ...

    def page(self, *, offset: int, limit: int) -> tuple[list[Position], int]:
        """Where the rows of a page stand, and how many there are in all, counted up to DEEPEST_ROW."""

    def load(self, ids: Sequence[int]) -> list[Row]:
        """The rows with these ids, in this order, rendered."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the query string of a list asks for. A cursor of None means pages."""

    order: Order
    page: int = 1
    per_page: int = 25
    cursor: str | None = None
    ids: tuple[int, ...] | None = None
    updated_since: datetime | None = None
    include: frozenset[str] = field(default_factory=frozenset)

    @property
    def condition(self) -> Q:
        """`ids` and `updated_since` as a condition."""
        condition = Q() if self.ids is None else Q(pk__in=self.ids)
        return condition & Q(updated_at__gte=self.updated_since) if self.updated_since else condition


@dataclass(frozen=True, slots=True)
class QuerySource:
    """A list over any queryset. `render` makes a row of the answer from a row of `values()`."""

    rows: QuerySet[Any]
    order: Order
    values: Mapping[str, Any]
    render: Callable[[Row], Row]

    @property
    def model(self) -> type[Model]:
        return self.rows.model

    def positions(self, *, after: Position | None, limit: int) -> list[Position]:
        rows = self.rows.filter(self.order.after(after)) if after else self.rows
        return Walk([rows], self.order).positions(limit=limit)

    def page(self, *, offset: int, limit: int) -> tuple[list[Position], int]:
        return Walk([self.rows], self.order).page(offset=offset, limit=limit, cap=DEEPEST_ROW)

    def load(self, ids: Sequence[int]) -> list[Row]:
        return ordered(ids, load_rows(self.rows, ids, self.values), self.render)


def load_rows(rows: QuerySet[Any], ids: Collection[int], values: Mapping[str, Any]) -> list[Row]:
    """The columns of some rows, by one query. `values` is a constant: each name with its column or an expression."""
    if rows.query.annotations:  # Which the columns may name.
        return list(select(rows.order_by().filter(pk__in=among(ids)), values))
    return _columns(rows.model, values).load(rows, ids)


_kept: dict[tuple[type[Model], int], tuple[Columns, Mapping[str, Any]]] = {}
"""By the identity of the values, which are held so that no others get it."""


def _columns(model: type[Model], values: Mapping[str, Any]) -> Columns:
    if (model, id(values)) not in _kept:
        _kept[model, id(values)] = columns(select(model._base_manager.all(), values)), values
    return _kept[model, id(values)][0]


def select(rows: QuerySet[Any], values: Mapping[str, Any]) -> QuerySet[Any, Row]:
    plain = [name for name, column in values.items() if column is None]
    computed = {name: column for name, column in values.items() if column is not None}
    return rows.values(*plain, **computed)


def ordered(ids: Sequence[int], rows: list[Row], render: Callable[[Row], Row]) -> list[Row]:
    by_id = {row["id"]: row for row in rows}
    return [render(by_id[pk]) for pk in ids if pk in by_id]


def parse(request: Request, listing: Listing) -> Ask:
    """Read a list's query string. Raises ApiError 400 naming the parameter that is wrong."""
    query = request.query_params
    _refuse_contradictions(query)
    sort = query.get("sort", listing.default)
    if sort not in listing.orders:
        raise _wrong("sort", f"Sort by one of: {', '.join(sorted(listing.orders))}.")
    return Ask(
        order=listing.orders[sort],
        page=_number(query, "page", 1, minimum=1),
        per_page=_number(
            query, "per_page" if "per_page" in query else "count", 25, minimum=1, maximum=MAX_PER_PAGE
        ),
        cursor=query.get("cursor"),
        ids=_ids(_joined(query, "ids")),
        updated_since=moment(query.get("updated_since"), "updated_since"),
        include=_include(_joined(query, "include"), listing.includes),
    )


def _refuse_contradictions(query: QueryDict) -> None:
    """Of two parameters that mean the same thing, or exclude each other, one would be ignored.

    The first page does no harm: clients that were made from a document with defaults send it always.
    """
    if query.get("page", "1") != "1" and "cursor" in query:
        raise _wrong(
            "page", "Send page or cursor, not both: page counts from the first row, cursor reads on."
        )
    if query.get("count", query.get("per_page")) != query.get("per_page", query.get("count")):
        raise _wrong("count", "count is another name of per_page. Send one of them.")


def _joined(query: QueryDict, name: str) -> str | None:
    """A list of values, with commas between or, as many generated clients send it, one after the other."""
    return ",".join(query.getlist(name)) if name in query else None


def answer(
    request: Request, ask: Ask, source: Source, linked: Callable[[list[Row]], Mapping[str, Any]] | None = None
) -> Response:
    """The page that was asked for, with where to go from it."""
    if ask.cursor is None:
        rows, meta, links = _page(request, ask, source)
    else:
        rows, meta, links = _following(request, ask, source)
    body = {"data": rows, "meta": meta, "links": links, "linked": linked(rows) if linked else {}}
    header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
    return Response(body, headers={"Link": header})


def _page(request: Request, ask: Ask, source: Source) -> tuple[list[Row], Row, Row]:
    offset = (ask.page - 1) * ask.per_page
    if offset + ask.per_page > DEEPEST_ROW:
        raise ApiError(
            400,
            "page_too_deep",
            f"Pages end at row {DEEPEST_ROW:,}. To read on, use ?cursor= instead of ?page=.",
        )
    found, total = source.page(offset=offset, limit=ask.per_page)
    rows = source.load(_ids_at(found))
    pages = max(1, -(-total // ask.per_page))
    pagination = {
        "total": total,
        "total_is_capped": total >= DEEPEST_ROW,
        "count": len(rows),
        "per_page": ask.per_page,
        "current_page": ask.page,
        "total_pages": pages,
    }
    links = {
        "self": request.build_absolute_uri(),
        "first": _url(request, page=1),
        "prev": _url(request, page=ask.page - 1) if ask.page > 1 else None,
        "next": _url(request, page=ask.page + 1) if ask.page < pages else None,
        "last": _url(request, page=pages),
    }
    return rows, {"pagination": pagination}, links


def _following(request: Request, ask: Ask, source: Source) -> tuple[list[Row], Row, Row]:
    after = _decode(ask.cursor, ask.order, source.model) if ask.cursor else None
    found = source.positions(after=after, limit=ask.per_page + 1)
    has_more, found = len(found) > ask.per_page, found[: ask.per_page]
    cursor = _encode(found[-1], ask.order) if has_more else None
    links = {"self": request.build_absolute_uri(), "next": _url(request, cursor=cursor) if cursor else None}
    return source.load(_ids_at(found)), {"cursor": {"next": cursor, "has_more": has_more}}, links


def _ids_at(positions: Sequence[Position]) -> list[int]:
    return [pk for _, pk in positions]


def _encode(last: Position, order: Order) -> str:
    """Where the last row of a page stood, as text that says nothing to anybody else."""
    value, pk = last
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([*order.terms[:1], text, pk]).encode()).decode().rstrip("=")


def _decode(cursor: str, order: Order, model: type[Model]) -> Position:
    try:
        term, text, pk = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        value = model._meta.get_field(order.column).to_python(text)  # type: ignore[union-attr]
        str(value).encode()  # Half a character cannot be sent to the database.
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError):
        raise _foreign_cursor() from None
    if (
        term != order.terms[0]
        or value is None
        or not _is_id(pk)
        or (isinstance(value, int) and not _is_id(value))
    ):
        raise _foreign_cursor()
    return value, pk


def _is_id(number: Any) -> bool:
    return isinstance(number, int) and 0 <= number < 2**63


def _foreign_cursor() -> ApiError:
    message = "This cursor is not from this list and sort order. Start again with ?cursor=."
    return ApiError(400, "invalid_cursor", message)


def _url(request: Request, **changes: Any) -> str:
    asked = {
        name: _joined(request.query_params, name)
        for name in ("ids", "include")
        if name in request.query_params
    }
    query = {**request.query_params.dict(), **asked, **{name: str(value) for name, value in changes.items()}}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"


def _number(query: Mapping[str, str], name: str, default: int, *, minimum: int, maximum: int = 10**9) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not minimum <= int(text) <= maximum:
        limit = f" to {maximum}" if maximum < 10**9 else " upwards"
        raise _wrong(name, f"{name} must be a whole number from {minimum}{limit}.")
    return int(text)


def _ids(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MAX_PER_PAGE or not all(re.fullmatch(r"[0-9]{1,18}", part, re.ASCII) for part in parts):
        raise _wrong("ids", f"ids must be at most {MAX_PER_PAGE} numbers with commas between: 1,2,3.")
    return tuple(int(part) for part in parts)


def moment(text: str | None, name: str) -> datetime | None:
    """A time of RFC 3339; without an offset it is taken as UTC."""
    if text is None:
        return None
    try:
        value = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        value = None
    if value is None:
        raise _wrong(name, f"{name} must be a time such as 2026-11-22T09:00:00Z.")
    try:
        return value if timezone.is_aware(value) else timezone.make_aware(value)
    except (OverflowError, ValueError):
        raise _wrong(name, f"{name} is out of range.") from None


def _include(text: str | None, known: Collection[str]) -> frozenset[str]:
    wanted = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    if unknown := sorted(wanted - set(known)):
        names = ", ".join(sorted(known)) or "nothing"
        raise _wrong("include", f"{unknown[0]!r} cannot be included here. What can: {names}.")
    return wanted


def _wrong(parameter: str, message: str) -> ApiError:
    return ApiError(400, "invalid_parameter", message, parameter=parameter)
