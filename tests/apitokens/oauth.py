"""What the stories about OAuth share: an application, the consent page, and the endpoints behind it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from accounts.models import Agent
from activity.actor import Door, system_actor
from apitokens.actions import applications
from apitokens.models import Application
from tests.cast import sign_in
from tests.robot import ask

BACK = "https://zap.example/back"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-as-the-standard-asks"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Zap:
    """An application, as whoever wrote it sees it."""

    application: Application
    secret: str

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.application.client_id} | (
            {"client_secret": self.secret} if self.secret else {}
        )

    def request(self, **changes: str) -> str:
        """The address an agent is sent to."""
        asked = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": BACK,
            "state": "xyz",
        } | ({} if self.secret else {"code_challenge": CHALLENGE, "code_challenge_method": "S256"})
        return "/oauth/authorize?" + urlencode({k: v for k, v in (asked | changes).items() if v})

    def allowed_by(self, agent: Agent, *, scopes: tuple[str, ...] = (), **changes: str) -> str:
        """The code after the agent ticked these scopes, or all that the page offers him."""
        return answer(self.decided_by(agent, scopes=scopes, **changes))["code"]

    def decided_by(self, agent: Agent, *, scopes: tuple[str, ...] = (), **changes: str) -> Any:
        browser, address = sign_in(agent), self.request(**changes)
        page = browser.get(address)
        assert page.status_code == 200, page.content.decode()
        offered = [entry.scope for entry in page.context["offered"]]
        return browser.post(address, {"scopes": scopes or offered, "allow": "yes"})

    def token(self, **form: str) -> Any:
        """What the token endpoint answers."""
        return post("/oauth/token", self.credentials | form)

    def exchange(self, code: str, **changes: str) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        verifier = {} if self.secret else {"code_verifier": VERIFIER}
        return self.token(**{k: v for k, v in (form | verifier | changes).items() if v})

    def refresh(self, token: str, **changes: str) -> Any:
        return self.token(**({"grant_type": "refresh_token", "refresh_token": token} | changes))

    def tokens_for(self, agent: Agent, **asked: Any) -> dict[str, Any]:
        response = self.exchange(self.allowed_by(agent, **asked))
        assert response.status_code == 200, response.content
        tokens: dict[str, Any] = response.json()
        return tokens


def zap(
    *, client_type: str = "confidential", scopes: tuple[str, ...] = ("*:read", "tickets:write"), **fields: Any
) -> Zap:
    """A registered application."""
    fields = {"name": "Zap", "redirect_uris": BACK, "description": "Moves tickets about"} | fields
    actor = system_actor(door=Door.COMMAND)
    return Zap(*applications.register(actor=actor, scopes=scopes, client_type=client_type, **fields))


def post(path: str, form: dict[str, str], **headers: str) -> Any:
    return Client(raise_request_exception=False).post(path, form, headers=headers)


def answer(response: Any) -> dict[str, str]:
    """The parameters that the agent's browser carries back to the application."""
    assert response.status_code == 302, response.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def use(token: str, path: str = "/me", method: str = "get", data: Any = None, **headers: str) -> Any:
    return ask(method, path, data, headers={"Authorization": f"Bearer {token}"} | headers)


def error(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]
