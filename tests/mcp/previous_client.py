"""Run by the client of major version 1, in its own environment: connect, list, call, and be refused.

With a bot token; or as an application, which asks whoever started it to take an address to the agent's browser.
"""

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit

from mcp import ClientSession, McpError
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata


async def talk(url, number, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        streamablehttp_client(url, headers=headers) as (reading, writing, _session),
        ClientSession(reading, writing) as session,
    ):
        hello = await session.initialize()
        print("version", hello.protocolVersion)
        tools = await session.list_tools()
        print("tools", *(tool.name for tool in tools.tools))
        read = await session.call_tool("tickets_read", {"id": number})
        print("read", read.structuredContent["messages"][0]["body_text"])
        wrong = await session.call_tool("tickets_list", {"q": "status:strange"})
        print("wrong", wrong.isError, wrong.content[0].text.replace("\n", " "))
        try:
            await session.call_tool("tickets_reply", {"id": number, "body": "Hello"})
        except McpError as refused:
            print("refused", refused.error.message)


class Kept:
    """What the client is registered as, and its tokens."""

    def __init__(self, name, secret, back):
        self.tokens = None
        self.info = OAuthClientInformationFull(
            client_id=name,
            client_secret=secret,
            redirect_uris=[back],
            token_endpoint_auth_method="client_secret_post",
        )

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.info

    async def set_client_info(self, client_info):
        self.info = client_info


async def come_back_for_more(url, number, name, secret, back):
    async def show(address):
        print("ask", address, flush=True)

    async def called_back():
        there = await asyncio.to_thread(sys.stdin.readline)
        found = parse_qs(urlsplit(there.strip()).query)
        return found["code"][0], found["state"][0]

    metadata = OAuthClientMetadata(redirect_uris=[back])
    provider = OAuthClientProvider(url, metadata, Kept(name, secret, back), show, called_back)
    async with (
        streamablehttp_client(url, auth=provider) as (reading, writing, _session),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        noted = await session.call_tool("tickets_note", {"id": number, "body": "Looked at it."})
        print("noted", not noted.isError)
        read = await session.call_tool("tickets_read", {"id": number})
        print("read", not read.isError)


url, number, *how = sys.argv[1:]
asyncio.run((talk if len(how) == 1 else come_back_for_more)(url, int(number), *how))
