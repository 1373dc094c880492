"""Reading the `Authorization` and `X-Agent-ID` headers, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.api.errors import ApiError
from activity.actor import Door
from apitokens import secrets

MAX_HEADER = 256
_CREDENTIAL = r"([A-Za-z0-9._~+/-]+=*)"
"""What RFC 6750 lets a bearer token be: no comma, which joins two headers, no colon and no quotes."""
_BEARER = re.compile(rf"bearer +{_CREDENTIAL}", re.ASCII | re.IGNORECASE)
_KEY = re.compile(rf"key +([1-9][0-9]{{0,17}}):{_CREDENTIAL}", re.ASCII | re.IGNORECASE)
_SCHEME = re.compile(r"(bearer|key)(?![A-Za-z0-9_-])", re.ASCII | re.IGNORECASE)
_SPELLINGS = {Door.API: "“Bearer hdk_…” or “key ID:hdk_…”", Door.MCP: "“Bearer hdb_…”"}
_OPENS = {
    secrets.KEY_PREFIX: {Door.API},
    secrets.BOT_PREFIX: {Door.MCP},
    secrets.ACCESS_PREFIX: {Door.API, Door.MCP},
}
"""Which doors a secret opens, as its prefix says. Others open none by themselves."""
_BELONGS = {
    secrets.KEY_PREFIX: "This is an API key: it opens the API, at /api/v1. For MCP create a bot token.",
    secrets.BOT_PREFIX: "This is a bot token: it opens MCP alone, at /mcp. For the API create an API key.",
}
_AGENT_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sent:
    """A secret as it was sent: with `key ID:SECRET` the id must be the secret's own."""

    scheme: str
    secret: str
    key_id: int | None = None


def read(header: str, door: Door) -> Sent:
    """Parse an `Authorization` header. Raises 401 `unsupported_scheme`, `malformed`, `invalid_token`, `wrong_door`."""
    spelling = _SPELLINGS[door]
    # A header with other characters than ASCII comes from the server as an empty one.
    if header and not _SCHEME.match(header):
        raise ApiError(401, "unsupported_scheme", f"Send the header Authorization with {spelling}.")
    sent = _parse(header, door) if len(header) <= MAX_HEADER else None
    if sent is None:
        raise ApiError(
            401,
            "malformed",
            f"The Authorization header cannot be read. Write {spelling}, nothing more.",
        )
    if not secrets.is_well_formed(sent.secret):
        raise invalid_token()
    prefix = secrets.prefix_of(sent.secret)
    if prefix not in _OPENS:
        raise invalid_token()
    if door not in _OPENS[prefix]:
        raise ApiError(401, "wrong_door", _BELONGS[prefix])
    return sent


def _parse(header: str, door: Door) -> Sent | None:
    if match := _BEARER.fullmatch(header):
        return Sent("bearer", match[1])
    if door == Door.API and (match := _KEY.fullmatch(header)):
        return Sent("key", match[2], int(match[1]))
    return None


def invalid_token() -> ApiError:
    """One answer for every wrong secret, whether or not its id exists."""
    return ApiError(401, "invalid_token", "No key has this secret. Check that it was copied whole.")


def named_agent(request: HttpRequest) -> int | str | None:
    """The agent id in `X-Agent-ID` or `X-DeskPRO-Agent-ID`: None when absent, the text itself when malformed."""
    values = [
        v
        for v in (request.headers.get("X-Agent-ID"), request.headers.get("X-DeskPRO-Agent-ID"))
        if v is not None
    ]
    if not values:
        return None
    if len(set(values)) > 1 or not _AGENT_ID.fullmatch(values[0]):
        return values[0] if len(set(values)) == 1 else ", ".join(values)
    return int(values[0])
