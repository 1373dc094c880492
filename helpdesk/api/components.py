"""The parts of the OpenAPI document that its operations share: errors, headers, parameters, credentials."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.admin.fields import in_words
from accounts.api.errors import CODES
from accounts.api.lists import DEEPEST_ROW, MAX_PER_PAGE
from accounts.permissions import parse_scope
from apitokens.oauth.scopes import OFFERED
from helpdesk.api.reasons import REASONS

Part = dict[str, Any]

RESPONSES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    409: "Conflict",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "ValidationFailed",
    429: "RateLimited",
    500: "ServerError",
    503: "Unavailable",
}
"""The component of each refusal. 405 is not among them: no operation answers it to its own method."""

ALWAYS = ("X-Request-ID",)
WITH_CREDENTIAL = (
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
    "X-Scopes",
    "X-Accepted-Scopes",
)


def ref(section: str, name: str) -> Part:
    return {"$ref": f"#/components/{section}/{name}"}


def header_refs(*names: str) -> Part:
    return {name: ref("headers", name) for name in names}


def components() -> dict[str, Part]:
    return {
        "schemas": {
            "Error": _error(),
            "Pagination": _PAGINATION,
            "CursorPosition": _CURSOR,
            "Links": _LINKS,
            "Rehearsal": _REHEARSAL,
        },
        "parameters": PARAMETERS,
        "headers": _HEADERS,
        "responses": {name: _refusal(status) for status, name in RESPONSES.items()}
        | {"NotModified": {"description": _NOT_MODIFIED, "headers": header_refs(*ALWAYS, "ETag")}},
        "securitySchemes": _SECURITY_SCHEMES,
    }


_NOT_MODIFIED = "What If-None-Match names is still the answer. It counts as a request."

_SECURITY_SCHEMES: Part = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hdk_…",
        "description": "`Authorization: Bearer SECRET`, with an API key's secret.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: key ID:SECRET`, with an API key's id and secret.",
    },
    "oauth": {
        "type": "oauth2",
        "description": "`Authorization: Bearer TOKEN`, with the token of an application that an agent allowed.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{settings.SITE_URL}/oauth/authorize",
                "tokenUrl": f"{settings.SITE_URL}/oauth/token",
                "refreshUrl": f"{settings.SITE_URL}/oauth/token",
                "scopes": {scope: in_words(parse_scope(scope)) for scope in OFFERED},
            }
        },
    },
}


def _text(description: str, **more: Any) -> Part:
    return {"description": description, "schema": {"type": "string"} | more}


def _number(description: str, **more: Any) -> Part:
    return {"description": description, "schema": {"type": "integer"} | more}


_HEADERS: dict[str, Part] = {
    "X-Request-ID": _text("The id of this request: the client's own, or a new one. Support can find it."),
    "X-RateLimit-Limit": _number("How many requests the key may make in a minute."),
    "X-RateLimit-Remaining": _number("How many are left of this minute."),
    "X-RateLimit-Reset": _number("When the minute ends, in seconds since 1970."),
    "RateLimit-Policy": _text("The same limit as the IETF draft spells it."),
    "RateLimit": _text("What is left and for how long, as the IETF draft spells it."),
    "X-Scopes": _text("The scopes of the key, with spaces between."),
    "X-Accepted-Scopes": _text("The scope that this operation needs. Empty if it needs none."),
    "ETag": _text("Names this answer. Send it as If-None-Match to be told when nothing changed."),
    "Link": _text("The first, previous, next and last page, as in `links`."),
    "Idempotent-Replayed": _text(
        "`true` when an earlier request with this Idempotency-Key was answered again."
    ),
    "Preference-Applied": _text("Which preference was followed."),
    "Location": _text("The address of what was created.", format="uri"),
    "Retry-After": _number("Try again after so many seconds."),
    "WWW-Authenticate": _text("What kind of credential is missing, or which scope."),
}

_CODES_WITH_HEADERS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def _refusal(status: int) -> Part:
    listed = "\n".join(f"- `{reason}`: {sentence}" for reason, sentence in REASONS[status].items())
    return {
        "description": listed,
        "headers": header_refs(*ALWAYS, *_CODES_WITH_HEADERS.get(status, ())),
        "content": {
            "application/json": {
                "schema": ref("schemas", "Error"),
                "examples": {reason: {"value": _example(status, reason)} for reason in REASONS[status]},
            }
        },
    }


def _example(status: int, reason: str) -> Part:
    error = {
        "code": CODES[status],
        "status": status,
        "reason": reason,
        "message": REASONS[status][reason],
        **({"fields": {"subject": [_FAULT]}, "errors": []} if status == 422 else {}),
        "request_id": "0198c7a2d1f07d4e8b6f6f0f5a7c9e11",
        "docs": f"{settings.SITE_URL}/api/docs#{reason}",
    }
    return {"success": False, "error": error, "meta": {}}


_FAULT = {"code": "required", "message": "This field is required."}


def _error() -> Part:
    texts = {"type": "array", "items": {"type": "string"}}
    faults = {"type": "array", "items": _object({"code": {"type": "string"}, "message": {"type": "string"}})}
    always: Part = {
        "code": {"type": "string", "enum": list(CODES.values())},
        "status": {"type": "integer", "enum": list(CODES)},
        "reason": {"type": "string", "enum": [name for names in REASONS.values() for name in names]},
        "message": {"type": "string", "description": "A sentence for people. Its words may change."},
        "request_id": {"type": "string"},
        "docs": {"type": "string", "format": "uri", "description": "Where this reason is explained."},
    }
    sometimes: Part = {
        "fields": {
            "type": "object",
            "additionalProperties": faults,
            "description": "What is wrong with each field, by its path in the body: `attachments.0.name`.",
        },
        "errors": faults | {"description": "What is wrong with the body as a whole."},
        "field": {"type": "string", "description": "The field whose value another row has."},
        "conflicts": {
            "type": "object",
            "additionalProperties": _object({"yours": {}, "now": {}}),
            "description": "The fields that somebody else changed, with your value and the present one.",
        },
        "version": {"type": "integer", "description": "The present version."},
        "existing": {
            "type": ["integer", "null"],
            "description": "The id of the row that has this value already, if the acting agent may see it.",
        },
        "parameter": {"type": "string", "description": "The query parameter at fault."},
        "position": {
            "type": "integer",
            "description": "The character, from 0, where the filter is at fault.",
        },
        "length": {"type": "integer", "description": "How many characters of the filter are at fault."},
        "excerpt": {
            "type": "string",
            "description": "The filter with the place marked: `status:»opne« late`.",
        },
        "required_scopes": texts,
        "granted_scopes": texts,
        "granted_tags": texts,
        "operation": {"type": "string", "description": "The operation that the key's tags leave out."},
        "missing_permission": {"type": "string", "description": "What the acting agent's role lacks."},
        "decided_by": {"type": "string", "description": "The rule that refused."},
        "address": {"type": "string", "description": "The address the request came from."},
        "plan": {"type": "string"},
        "limit": {"type": "integer", "description": "Requests in each window."},
        "window": {"type": "integer", "description": "The window's length in seconds."},
        "retry_after": {"type": "integer", "description": "Seconds until it is worth trying again."},
    }
    error = _object(always | sometimes, required=list(always))
    body: Part = {"success": {"type": "boolean", "const": False}, "error": error, "meta": {"type": "object"}}
    return _object(body) | {"description": "Every refusal has this shape. Programs decide by `reason`."}


def _object(properties: Part, *, required: list[str] | None = None) -> Part:
    return {"type": "object", "properties": properties, "required": required or list(properties)}


def _link(description: str, *, nullable: bool = True) -> Part:
    return {
        "type": ["string", "null"] if nullable else "string",
        "format": "uri",
        "description": description,
    }


_PAGINATION: Part = _object(
    {
        "total": {
            "type": "integer",
            "description": f"How many rows there are, counted up to {DEEPEST_ROW:,}.",
        },
        "total_is_capped": {"type": "boolean", "description": "Whether there are that many or more."},
        "count": {"type": "integer", "description": "Rows on this page."},
        "per_page": {"type": "integer"},
        "current_page": {"type": "integer"},
        "total_pages": {"type": "integer"},
    }
)
_CURSOR: Part = _object(
    {
        "next": {"type": ["string", "null"], "description": "Send this as `cursor` to read on."},
        "has_more": {"type": "boolean"},
    }
)
_REHEARSAL: Part = _object(
    {
        "success": {"type": "boolean", "const": True},
        "data": {"description": "The object as it would be, or null."},
        "meta": _object(
            {
                "dry_run": {"type": "boolean", "const": True},
                "events": {
                    "type": "array",
                    "items": _object(
                        {
                            "type": {"type": "string", "description": "Such as ticket.assigned."},
                            "subject": {"type": "object"},
                            "changes": {"type": "object", "description": "Field: [before, after]."},
                            "reactions": {
                                "type": "array",
                                "items": {"type": "string"},
                                "description": "The tasks that would follow.",
                            },
                        }
                    ),
                },
                "notified": {
                    "type": "array",
                    "description": "The agents who would be told, and how.",
                    "items": _object(
                        {
                            "agent": {"type": "integer"},
                            "kind": {"type": "string", "description": "Such as assigned."},
                            "shown": {"type": "boolean", "description": "In the workspace."},
                            "mailed": {"type": "boolean"},
                        }
                    ),
                },
            }
        ),
        "linked": {"type": "object"},
    }
)
_LINKS: Part = _object(
    {
        "self": _link("This page.", nullable=False),
        "first": _link("Only when reading by pages.", nullable=False),
        "prev": _link("Only when reading by pages."),
        "next": _link("Null on the last page."),
        "last": _link("Only when reading by pages.", nullable=False),
    },
    required=["self", "next"],
)


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
