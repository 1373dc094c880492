"""Run by the client of major version 1, in its own environment: connect, list, call, and be refused."""

import asyncio
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamablehttp_client


async def talk(url, secret, number):
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


asyncio.run(talk(sys.argv[1], sys.argv[2], int(sys.argv[3])))
