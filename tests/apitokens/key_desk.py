"""The key desk's forms, as a browser would send them, and what its pages show."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from accounts.models import Agent
from apitokens.models import ApiKey
from tests.robot import ask

LIST = "/admin/apitokens/apikey/"


def new_form(client: Client, agent: Agent | None, **changes: Any) -> dict[str, Any]:
    """What a browser would send after the four questions are answered."""
    page = client.get(f"{LIST}add/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    fields = {
        "name": "CRM sync",
        "agent": agent.pk if agent else "",
        "access_level": "full",
        "expiry": "90",
        "kind": "agent",
        "owner": int(client.session["_auth_user_id"]),
        "form_token": token[1],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def create(client: Client, agent: Agent | None, **changes: Any) -> Any:
    return client.post(f"{LIST}add/", new_form(client, agent, **changes))


def told(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def secret_in(answer: Any) -> str:
    found = re.search(r"hdk_[0-9A-Za-z]{38}", told(answer))
    assert found, told(answer)
    return found[0]


def me(secret: str) -> Any:
    return ask("get", "/me", headers={"Authorization": f"Bearer {secret}"})


def edit_form(key: ApiKey, **changes: Any) -> dict[str, Any]:
    fields = {
        "name": key.name,
        "agent": key.agent_id or "",
        "access_level": key.access_level,
        "expiry": "keep",
        "kind": key.kind,
        "owner": key.owner_id,
        "tags": "\n".join(key.tags),
        "addresses": "\n".join(key.addresses),
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def press(client: Client, key: ApiKey, button: str) -> Any:
    """Open the page that asks, and say yes."""
    page = client.get(f"{LIST}{key.pk}/{button}/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    return client.post(f"{LIST}{key.pk}/{button}/", {"form_token": token[1]} if token else {})
