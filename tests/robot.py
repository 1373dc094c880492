"""The Robot: a program that holds a key. In-process by default, over real HTTP where the story needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.test import Client

from accounts.models import Agent
from activity.actor import Door, system_actor
from apitokens.actions import create_key
from apitokens.models import ApiKey


@dataclass
class Robot:
    """`robot.get("/tickets")` asks /api/v1/tickets with the key."""

    key: ApiKey
    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def code(self) -> dict[str, str]:
        """The other spelling: `key ID:SECRET`."""
        return {"Authorization": f"key {self.key.pk}:{self.secret}"}

    def acting_as(self, agent: Agent) -> Robot:
        return Robot(self.key, self.secret, self.headers | {"X-Agent-ID": str(agent.pk)})

    def get(self, path: str, **headers: str) -> Any:
        return ask("get", path, headers=self.bearer | self.headers | headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return ask("post", path, data, headers=self.bearer | self.headers | headers)

    def patch(self, path: str, data: Any = None, **headers: str) -> Any:
        return ask("patch", path, data, headers=self.bearer | self.headers | headers)

    def put(self, path: str, data: Any = None, **headers: str) -> Any:
        return ask("put", path, data, headers=self.bearer | self.headers | headers)

    def delete(self, path: str, **headers: str) -> Any:
        return ask("delete", path, headers=self.bearer | self.headers | headers)

    def over_http(self, url: str) -> httpx.Client:
        return httpx.Client(base_url=f"{url}/api/v1", headers=self.bearer | self.headers, timeout=60)


def ask(method: str, path: str, data: Any = None, *, headers: dict[str, str] | None = None) -> Any:
    """One request to the API. A path that does not start with /api or /v1 is below /api/v1."""
    client = Client(raise_request_exception=False)
    url = path if path.startswith(("/api", "/v1")) else f"/api/v1{path}"
    body = b"" if data is None else json.dumps(data)
    return client.generic(method.upper(), url, body, "application/json", headers=headers or {})


def robot(agent: Agent | None, *, owner: Agent | None = None, **fields: Any) -> Robot:
    """A key bound to the agent (or, with `kind="superuser"`, to nobody or a default agent). Full access."""
    fields = {"name": "Robot", "access_level": "full"} | fields
    answers_for_it = owner or agent
    assert answers_for_it is not None
    key, secret = create_key(
        actor=system_actor(door=Door.COMMAND), agent=agent, owner=answers_for_it, **fields
    )
    return Robot(key, secret)


def reason(response: Any) -> str:
    """Why a request was refused."""
    return str(response.json()["error"]["reason"])
