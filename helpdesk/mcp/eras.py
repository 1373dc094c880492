"""Two ways to speak MCP: with a handshake first, until 2025-11-25; and since 2026-07-28 with all in every request."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from helpdesk.mcp.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    UNSUPPORTED_PROTOCOL_VERSION,
    Message,
    RpcError,
)

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATELESS = ("2026-07-28",)
SUPPORTED = (*HANDSHAKES, *STATELESS)
WITH_BATCHES = ("2024-11-05", "2025-03-26")

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"


def version_of(request: HttpRequest) -> str:
    """The version that the header names. Without it, it is the one that did not have the header yet."""
    version = request.headers.get("MCP-Protocol-Version", "2025-03-26")
    if version not in SUPPORTED:
        raise _unsupported(version)
    return version


def is_stateless(request: HttpRequest) -> bool:
    return request.headers.get("MCP-Protocol-Version") in STATELESS


def check_batch(request: HttpRequest) -> None:
    if version_of(request) not in WITH_BATCHES:
        message = "There are no batches in this version of the protocol: send one message a request."
        raise RpcError(INVALID_REQUEST, message, status=400)


def check_envelope(request: HttpRequest, message: Message) -> None:
    """A stateless request says everything itself; its headers repeat, for proxies, what the body says."""
    missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in message.meta]
    if missing:
        raise RpcError(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}.", status=400)
    said = {"MCP-Protocol-Version": message.meta[VERSION_KEY], "Mcp-Method": message.method}
    if message.method == "tools/call" and "name" in message.params:
        said["Mcp-Name"] = message.params["name"]
    for header, value in said.items():
        if _decoded(request.headers.get(header)) != value:
            raise RpcError(
                HEADER_MISMATCH, f"The header {header} does not say what the body says.", status=400
            )


def negotiated(asked: object) -> str:
    """Of the versions with a handshake: the one asked for, or the newest."""
    return asked if isinstance(asked, str) and asked in HANDSHAKES else HANDSHAKES[-1]


def _unsupported(version: str) -> RpcError:
    return RpcError(
        UNSUPPORTED_PROTOCOL_VERSION,
        f"This version of the protocol is not spoken here. Those that are: {', '.join(SUPPORTED)}.",
        status=400,
        data={"supported": list(SUPPORTED), "requested": version[:80]},
    )


def _decoded(header: str | None) -> str | None:
    """What does not fit into a header is wrapped: `=?base64?…?=`."""
    if header is None or not (header.startswith("=?base64?") and header.endswith("?=")):
        return header
    try:
        return base64.b64decode(header[9:-2], validate=True).decode()
    except (binascii.Error, ValueError):
        return None
