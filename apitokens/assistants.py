"""What a bot token is good for: only some operations are tools of MCP. Which, `helpdesk.mcp` says, far above."""

from __future__ import annotations

from collections.abc import Callable

NO_TOOL = "There is no tool “%s”. See tools/list."

_known: list[Callable[[], frozenset[str]]] = []


def register(tools: Callable[[], frozenset[str]]) -> None:
    """Say how the names of the operations that are tools are found."""
    _known.append(tools)


def tool_name(operation: str) -> str:
    """Models' interfaces allow no dots in names."""
    return operation.replace(".", "_")


def is_tool(operation: str) -> bool:
    return any(operation in names() for names in _known)
