"""An application whose token lacks a scope: its client, the official one, brings the agent to the consent page."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from django.db import connection
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata
from pydantic import AnyUrl

from accounts.models import Agent, Contact
from apitokens.models import Consent
from tests.apitokens.oauth import BACK, Zap, zap
from tests.apitokens.test_oauth_clients import allowed_in_a_browser
from tests.factories import ticket
from tests.servers import StartServer


class Kept:
    """Where the client keeps what it is registered as, and its tokens."""

    def __init__(self, app: Zap) -> None:
        self.tokens: Any = None
        self.info = OAuthClientInformationFull(
            client_id=app.application.client_id,
            client_secret=app.secret,
            redirect_uris=[AnyUrl(BACK)],
            token_endpoint_auth_method="client_secret_post",
        )

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull:
        return self.info

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.info = client_info


def allow(agent: Agent, address: str, only: tuple[str, ...]) -> str:
    try:
        return allowed_in_a_browser(agent, address, only)
    finally:
        connection.close()  # Of this thread alone.


async def talk(url: str, app: Zap, agent: Agent, number: int) -> list[Any]:
    """The agent allows what he is asked for, each time; of the first page only two of the scopes."""
    asked: list[str] = []
    back: list[str] = []

    async def show(address: str) -> None:
        asked.append(address)
        only = () if len(asked) > 1 else ("tickets:read", "messages:read")
        back.append(await asyncio.to_thread(allow, agent, address, only))

    async def called_back() -> AuthorizationCodeResult:
        found = {name: values[0] for name, values in parse_qs(urlsplit(back[-1]).query).items()}
        return AuthorizationCodeResult(code=found["code"], state=found["state"], iss=found["iss"])

    provider = OAuthClientProvider(
        f"{url}/mcp", OAuthClientMetadata(redirect_uris=[AnyUrl(BACK)]), Kept(app), show, called_back
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        before = {tool.name for tool in (await client.list_tools()).tools}
        noted = await client.call_tool("tickets_note", {"id": number, "body": "Looked at it."})
        after = {tool.name for tool in (await client.list_tools()).tools}
        return [asked, before, noted, after]


@pytest.mark.django_db(transaction=True)
def test_the_official_client_finds_the_way_by_itself_and_comes_back_for_more(
    alice: Agent, carol: Contact, start_server: StartServer
) -> None:
    row, app = ticket(contact=carol), zap(scopes=("tickets:read", "messages:read", "notes:write"))
    with ThreadPoolExecutor(1) as pool:  # A browser of another test may have a loop running in this thread.
        asked, before, noted, after = pool.submit(
            asyncio.run, talk(start_server().url, app, alice, row.pk)
        ).result()
    assert "tickets_note" not in before
    assert not noted.is_error
    assert "tickets_note" in after
    assert len(asked) == 2
    assert row.messages.filter(kind="note", body_text="Looked at it.").exists()
    assert set(Consent.objects.get().scopes) == {"tickets:read", "messages:read", "notes:write"}
