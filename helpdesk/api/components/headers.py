"""The headers of answers, by name."""

from __future__ import annotations

from typing import Any

from helpdesk.api.components.parts import Part, ref

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


def header_refs(*names: str) -> Part:
    return {name: ref("headers", name) for name in names}


def _text(description: str, **more: Any) -> Part:
    return {"description": description, "schema": {"type": "string"} | more}


def _number(description: str, **more: Any) -> Part:
    return {"description": description, "schema": {"type": "integer"} | more}


HEADERS: dict[str, Part] = {
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
