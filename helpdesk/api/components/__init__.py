"""The parts of the OpenAPI document that its operations share: errors, headers, parameters, credentials."""

from __future__ import annotations

from django.conf import settings

from accounts.admin.fields import in_words
from accounts.api.lists import DEEPEST_ROW
from accounts.permissions import parse_scope
from apitokens.oauth.scopes import OFFERED
from helpdesk.api.components.headers import ALWAYS, HEADERS, header_refs
from helpdesk.api.components.parameters import PARAMETERS
from helpdesk.api.components.parts import Part, object_of
from helpdesk.api.components.refusals import RESPONSES, error_schema, refusal


def components() -> dict[str, Part]:
    return {
        "schemas": {
            "Error": error_schema(),
            "Pagination": _PAGINATION,
            "CursorPosition": _CURSOR,
            "Links": _LINKS,
            "Rehearsal": _REHEARSAL,
        },
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": {name: refusal(status) for status, name in RESPONSES.items()}
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


def _link(description: str, *, nullable: bool = True) -> Part:
    return {
        "type": ["string", "null"] if nullable else "string",
        "format": "uri",
        "description": description,
    }


_PAGINATION: Part = object_of(
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
_CURSOR: Part = object_of(
    {
        "next": {"type": ["string", "null"], "description": "Send this as `cursor` to read on."},
        "has_more": {"type": "boolean"},
    }
)
_REHEARSAL: Part = object_of(
    {
        "success": {"type": "boolean", "const": True},
        "data": {"description": "The object as it would be, or null."},
        "meta": object_of(
            {
                "dry_run": {"type": "boolean", "const": True},
                "events": {
                    "type": "array",
                    "items": object_of(
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
                    "items": object_of(
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
_LINKS: Part = object_of(
    {
        "self": _link("This page.", nullable=False),
        "first": _link("Only when reading by pages.", nullable=False),
        "prev": _link("Only when reading by pages."),
        "next": _link("Null on the last page."),
        "last": _link("Only when reading by pages.", nullable=False),
    },
    required=["self", "next"],
)
