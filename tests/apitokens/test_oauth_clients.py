"""Libraries and browsers that know nothing of us: the flow over a real server, and many uses of one secret at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from django.db import connection
from playwright.sync_api import Page, expect

from accounts import attempts
from accounts.models import Agent
from apitokens.models import AccessToken, Consent
from tests.apitokens.oauth import BACK, Zap, use, zap
from tests.browser import barriers
from tests.cast import sign_in
from tests.factories import PASSWORD
from tests.length import at_length
from tests.servers import StartServer

pytestmark = pytest.mark.django_db(transaction=True)


def allowed_in_a_browser(agent: Agent, address: str, only: tuple[str, ...] = ()) -> str:
    """Where the agent's browser ends up after he said yes, perhaps not to all: the whole address, code and all."""
    session = {name: morsel.value for name, morsel in sign_in(agent).cookies.items()}
    with httpx.Client(cookies=session, timeout=60) as browser:
        page = browser.get(address)
        form = {
            "csrfmiddlewaretoken": re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
        }
        scopes = re.findall(r'name="scopes" value="([^"]+)"', page.text)
        answer = browser.post(
            address, data={**form, "scopes": only or scopes, "allow": "yes"}, headers={"Referer": address}
        )
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def test_a_library_completes_the_flow_with_a_secret_and_another_with_pkce(
    alice: Agent, start_server: StartServer
) -> None:
    site = start_server(processes=2).url
    server = httpx.get(f"{site}/.well-known/oauth-authorization-server", timeout=60).json()
    known, app = zap(), zap(name="App", client_type="public")
    secretive = OAuth2Client(
        known.application.client_id, known.secret, token_endpoint_auth_method="client_secret_post",
        redirect_uri=BACK, scope="tickets:read tickets:write", timeout=60,
    )  # fmt: skip
    pkce = OAuth2Client(
        app.application.client_id, token_endpoint_auth_method="none", redirect_uri=BACK, code_challenge_method="S256",
        scope="tickets:read", timeout=60,
    )  # fmt: skip
    verifier = "v" * 48
    for client, more in ((secretive, {}), (pkce, {"code_verifier": verifier})):
        address, state = client.create_authorization_url(server["authorization_endpoint"], **more)
        back = allowed_in_a_browser(alice, address)
        token = client.fetch_token(server["token_endpoint"], authorization_response=back, state=state, **more)
        assert token["expires_in"] == 3600
        assert client.get(f"{site}/api/v1/me").json()["data"]["email"] == alice.email
        old = token["access_token"]
        client.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"])
        assert client.token["access_token"] != old
        assert client.get(f"{site}/api/v1/tickets").status_code == 200
        client.revoke_token(server["revocation_endpoint"], token=client.token["access_token"])
        assert client.get(f"{site}/api/v1/tickets").status_code == 401


def at_once(times: int, work: Any) -> list[int]:
    start = Barrier(times)

    def run(_number: int) -> int:
        try:
            start.wait(timeout=60)
            return int(work().status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def used_at_once(app: Zap, agent: Agent, times: int) -> None:
    code = app.allowed_by(agent)
    assert sorted(at_once(times, lambda: app.exchange(code))) == [200] + [400] * (times - 1)
    attempts.forget("api:127.0.0.1")  # So many failures of one address would be told to wait.
    token = app.tokens_for(agent)["refresh_token"]
    assert sorted(at_once(times, lambda: app.refresh(token))) == [200] + [400] * (times - 1)
    assert AccessToken.objects.count() == 3


def test_of_parallel_uses_of_a_code_or_of_a_refresh_token_one_succeeds(alice: Agent) -> None:
    used_at_once(zap(), alice, 6)


@at_length
def test_of_fifty_parallel_uses_of_a_code_or_of_a_refresh_token_one_succeeds(alice: Agent) -> None:
    used_at_once(zap(), alice, 50)


def test_an_agent_allows_an_application_sees_it_and_takes_it_back(
    alice: Agent, start_server: StartServer, page: Page
) -> None:
    site = start_server().url
    app = zap(redirect_uris=f"{site}/healthz", scopes=("tickets:read", "contacts:read"))
    address = site + app.request(redirect_uri=f"{site}/healthz")
    page.goto(address)
    page.get_by_label("E-mail address").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="May Zap act for you?")).to_be_visible()
    assert barriers(page, dark_width=390) == []
    page.get_by_label("reads contacts").uncheck()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url(re.compile(r"/healthz\?code="))
    code = re.findall(r"[?&]code=([^&]+)", page.url)[0]
    given = app.exchange(code, redirect_uri=f"{site}/healthz").json()
    assert given["scope"] == "tickets:read"
    assert use(given["access_token"], "/tickets").status_code == 200
    page.goto(f"{site}/settings/applications/")
    expect(page.get_by_text("reads tickets")).to_be_visible()
    assert barriers(page, dark_width=390) == []
    page.get_by_role("button", name="Withdraw what Zap may do").click()
    expect(page.get_by_text("Zap may not act for you any more.")).to_be_visible()
    assert use(given["access_token"], "/tickets").status_code == 401
    assert Consent.objects.get().withdrawn_at is not None
