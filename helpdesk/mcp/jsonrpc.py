"""JSON-RPC 2.0, as far as MCP uses it: messages read strictly, answers and errors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.json import strict_constant

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
INVALID_PARAMS, INTERNAL_ERROR = -32602, -32603
HEADER_MISMATCH, UNSUPPORTED_PROTOCOL_VERSION = -32020, -32022
"""Defined by MCP since 2026-07-28."""
NOT_LET_IN, REFUSED, TOO_MANY, UNAVAILABLE = -32001, -32003, -32004, -32005
"""Our own, from the range that is left to implementations."""

MOST_MESSAGES = 20
"""In one batch."""


class RpcError(Exception):
    """An error in the place of a result. `status` is the HTTP status where the whole request is answered with it."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 200,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or, without an id, a notification: it is not answered."""

    method: str
    id: str | int | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def is_notification(self) -> bool:
        return self.id is None

    @property
    def meta(self) -> dict[str, Any]:
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


def parse(body: bytes) -> Any:
    """The JSON of a body. Raises RpcError."""
    try:
        return json.loads(body, parse_constant=strict_constant)
    except (ValueError, RecursionError):
        # Not only what is no JSON: numbers of thousands of digits, and nesting without end.
        raise RpcError(PARSE_ERROR, "The body cannot be read as JSON.", status=400) from None


def read(given: Any) -> Message | None:
    """One message. None for an answer to a request, of which this server never makes one. Raises RpcError."""
    if not isinstance(given, dict) or given.get("jsonrpc") != "2.0":
        raise RpcError(
            INVALID_REQUEST, 'Send a JSON-RPC message: an object with "jsonrpc": "2.0".', status=400
        )
    if "method" not in given and ("result" in given or "error" in given):
        return None
    method, params = given.get("method"), given.get("params")
    params = {} if params is None else params
    if not isinstance(method, str) or not isinstance(params, dict):
        message = "A message has a method, which is a string, and perhaps params, which are an object."
        raise RpcError(INVALID_REQUEST, message, status=400)
    if "id" in given and id_of(given) is None:
        raise RpcError(INVALID_REQUEST, "The id of a request is a string or a whole number.", status=400)
    return Message(method, id_of(given), params)


def id_of(given: Any) -> str | int | None:
    """The id that an answer repeats; none where nothing stands that could be one."""
    found = given.get("id") if isinstance(given, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def result(message: Message, value: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": message.id, "result": value}


def failure(pk: str | int | None, error: RpcError) -> dict[str, Any]:
    data = {"data": error.data} if error.data else {}
    return {"jsonrpc": "2.0", "id": pk, "error": {"code": error.code, "message": error.message, **data}}


def dumps(value: Any) -> str:
    """JSON as the API writes it. Half a character, which a message may repeat, stays an escape."""
    return json.dumps(value, cls=JSONEncoder, separators=(",", ":"))
