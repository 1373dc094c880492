"""The answers that refuse, and the one shape that all of them have."""

from __future__ import annotations

from django.conf import settings

from accounts.api.errors import CODES
from helpdesk.api.components.headers import ALWAYS, header_refs
from helpdesk.api.components.parts import Part, object_of, ref
from helpdesk.api.reasons import REASONS

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

_CODES_WITH_HEADERS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def refusal(status: int) -> Part:
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


def error_schema() -> Part:
    texts = {"type": "array", "items": {"type": "string"}}
    faults = {
        "type": "array",
        "items": object_of({"code": {"type": "string"}, "message": {"type": "string"}}),
    }
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
            "additionalProperties": object_of({"yours": {}, "now": {}}),
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
    error = object_of(always | sometimes, required=list(always))
    body: Part = {"success": {"type": "boolean", "const": False}, "error": error, "meta": {"type": "object"}}
    return object_of(body) | {"description": "Every refusal has this shape. Programs decide by `reason`."}
