"""The parameters that operations share: of addresses, of lists, and headers of requests."""

from __future__ import annotations

from typing import Any

from accounts.api.lists import DEEPEST_ROW, MAX_PER_PAGE
from helpdesk.api.components.parts import Part


def _in(place: str, name: str, description: str, schema: Part, **more: Any) -> Part:
    return {"name": name, "in": place, "description": description, "schema": schema, **more}


PARAMETERS: dict[str, Part] = {
    "id": _in(
        "path", "id", "The id of the row.", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
        required=True,
    ),
    "external_id": _in(
        "path", "external_id", "The id in another system. It may hold slashes; write # as %23 and ? as %3F.",
        {"type": "string", "minLength": 1, "maxLength": 200}, required=True,
    ),
    "page": _in(
        "query", "page",
        f"The page, from 1 on. Left out, the first. Pages end at row {DEEPEST_ROW:,}: read on with `cursor`.",
        {"type": "integer", "minimum": 1},
    ),
    "per_page": _in(
        "query", "per_page", "Rows on each page. Left out, 25.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE},
    ),
    "count": _in(
        "query", "count", "Another name for `per_page`. Send one of them.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE},
    ),
    "cursor": _in(
        "query", "cursor",
        "Read row after row instead of pages: empty to start, then `meta.cursor.next` of the answer before. "
        "Each row comes once, also while rows are being added. There are no totals, and no `page` besides it.",
        {"type": "string"}, allowEmptyValue=True,
    ),
    "ids": _in(
        "query", "ids", f"Only the rows with these ids, at most {MAX_PER_PAGE}, with commas between: 1,2,3.",
        {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": MAX_PER_PAGE},
        style="form", explode=False,
    ),
    "updated_since": _in(
        "query", "updated_since", "Only what has changed since then, such as 2026-11-22T09:00:00Z.",
        {"type": "string", "format": "date-time"},
    ),
    "X-Agent-ID": _in(
        "header", "X-Agent-ID",
        "The id of the agent to act as. Only superuser keys may name one that is not their own.",
        {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    ),
    "X-Request-ID": _in(
        "header", "X-Request-ID", "Your own id for this request. It comes back in the answer and in the log.",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    ),
    "Idempotency-Key": _in(
        "header", "Idempotency-Key",
        "Your own key for this request, such as a UUID. Sent again within 24 hours, the request is not done again: "
        "the first answer comes back with `Idempotent-Replayed: true`.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
    "Prefer": _in(
        "header", "Prefer",
        "`dry-run`: change nothing; answer 200 with what would be, the events in `meta.events`, and "
        "who would hear of it in `meta.notified`. "
        "`return=minimal`: answer a change with 204 and no body.",
        {"type": "string", "examples": ["dry-run", "return=minimal"]},
    ),
    "If-Match": _in(
        "header", "If-Match",
        "The version (or the ETag) your change is based on. Changes of other fields since then are kept; "
        "a change of the same field is answered 409 with both values.",
        {"type": "string"},
    ),
    "If-None-Match": _in(
        "header", "If-None-Match", "The ETag of the answer you have: if nothing changed, the answer is 304.",
        {"type": "string"},
    ),
}  # fmt: skip
