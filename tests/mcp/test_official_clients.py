"""The official Python client, its current major version here, and the one before it in an environment of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from accounts.models import Agent, Contact
from tests.apitokens.oauth import BACK, zap
from tests.apitokens.test_oauth_clients import allowed_in_a_browser
from tests.bots import Bot, bot
from tests.factories import ticket
from tests.length import at_length
from tests.servers import StartServer

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "tests/mcp/previous_client.py")


async def talk(b: Bot, url: str, mode: str, number: int) -> dict[str, Any]:
    """Connect, list, call, and be refused."""
    async with (
        httpx2.AsyncClient(headers=b.bearer, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        tools = await client.list_tools()
        read = await client.call_tool("tickets_read", {"id": number})
        wrong = await client.call_tool("tickets_list", {"q": "status:strange"})
        with pytest.raises(MCPError) as refused:
            await client.call_tool("tickets_reply", {"id": number, "body": "Hello"})
        return {
            "version": client.protocol_version,
            "tools": [tool.name for tool in tools.tools],
            "read": read,
            "wrong": wrong,
            "refused": refused.value.error.message,
        }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
def test_the_current_client_connects_lists_and_calls(
    alice: Agent, carol: Contact, start_server: StartServer, mode: str, version: str
) -> None:
    row = ticket(contact=carol)
    b = bot(alice, access_level="read")
    with ThreadPoolExecutor(1) as pool:  # A browser of another test may have a loop running in this thread.
        found = pool.submit(asyncio.run, talk(b, start_server().url, mode, row.pk)).result()
    assert found["version"] == version
    assert "tickets_read" in found["tools"]
    assert "tickets_reply" not in found["tools"]
    assert found["read"].structured_content["messages"][0]["body_text"] == "I ordered two weeks ago."
    assert not found["read"].is_error
    assert found["wrong"].is_error
    assert "strange" in found["wrong"].content[0].text
    assert found["refused"] == "This key lacks the scope messages:write."
    assert b.key.requests.filter(operation="tickets.read", status=200).exists()


@at_length
@pytest.mark.django_db(transaction=True)
def test_the_client_of_the_major_version_before_connects_lists_and_calls(
    alice: Agent, carol: Contact, start_server: StartServer, tmp_path: Path
) -> None:
    row, b = ticket(contact=carol), bot(alice, access_level="read")
    python, url = _previous_client(tmp_path), f"{start_server().url}/mcp"
    asked = [python, SCRIPT, url, str(row.pk), b.secret]
    told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == "version 2025-11-25"
    assert "tickets_read" in lines[1]
    assert "tickets_reply" not in lines[1]
    assert "I ordered two weeks ago." in lines[2]
    assert "strange" in lines[3]
    assert lines[4] == "refused This key lacks the scope messages:write."
    _as_an_application(alice, row.pk, python, url)


def _as_an_application(agent: Agent, number: int, python: str, url: str) -> None:
    """What the client asks for a second time contains what it had: it forgets the rest."""
    app = zap(scopes=("tickets:read", "messages:read", "notes:write"))
    asked = [python, SCRIPT, url, str(number), app.application.client_id, app.secret, BACK]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin and client.stdout  # noqa: PT018
        for only in (("tickets:read",), ()):
            address = client.stdout.readline().removeprefix("ask ").strip()
            client.stdin.write(allowed_in_a_browser(agent, address, only) + "\n")
            client.stdin.flush()
        assert client.stdout.read().splitlines() == ["noted True", "read True"]


def _previous_client(home: Path) -> str:
    """The Python that has it."""
    subprocess.run([sys.executable, "-m", "venv", home / "mcp-1"], check=True)
    pins, python = ROOT / "requirements" / "mcp-1.txt", str(home / "mcp-1/bin/python")
    install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(pins)]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"The client cannot be installed here: {installed.stderr[-500:]}")
    return python
