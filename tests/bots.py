"""The Bot: an assistant that holds a bot token and speaks MCP. In-process; over HTTP the official client is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.models import Agent
from apitokens.models import KeyKind
from tests.robot import Robot, robot


@dataclass
class Bot(Robot):
    """`bot.call("tickets_read", id=7)` calls a tool and returns JSON-RPC's whole answer."""

    def send(self, message: Any, headers: dict[str, str] | None = None) -> Any:
        """A body as it is, with the token."""
        return send(message, headers=self.bearer | (headers or {}))

    def ask(
        self, method: str, params: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        return self.send(message, headers).json()

    def call(self, tool: str, **arguments: Any) -> Any:
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def data(self, tool: str, **arguments: Any) -> Any:
        """What a tool finds, if it is not refused."""
        answer = self.call(tool, **arguments)
        assert not answer["result"]["isError"], answer
        return answer["result"]["structuredContent"]["data"]

    def tools(self) -> dict[str, Any]:
        return {tool["name"]: tool for tool in self.ask("tools/list")["result"]["tools"]}


def send(message: Any, *, headers: dict[str, str]) -> Any:
    body = message if isinstance(message, str | bytes) else json.dumps(message)
    client = Client(raise_request_exception=False)
    accept = {"Accept": "application/json"}
    return client.generic(
        "POST",
        "/mcp",
        body,
        "application/json",
        headers=accept | {"Content-Type": "application/json"} | headers,
    )


def bot(agent: Agent, **fields: Any) -> Bot:
    """A bot token that acts as the agent. Full access."""
    made = robot(agent, **{"kind": KeyKind.BOT, "name": "Assistant"} | fields)
    return Bot(made.key, made.secret)
