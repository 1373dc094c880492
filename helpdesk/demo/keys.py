"""The demo's API keys. Their secrets are in `VAR_DIR/demo.json` and nowhere else."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Agent, AgentKind
from activity.actor import Door, system_actor
from apitokens import secrets
from apitokens.actions import create_key, regenerate
from apitokens.models import AccessLevel, ApiKey, KeyKind
from helpdesk.demo.cast import CAST, PASSWORD


@dataclass(frozen=True, slots=True)
class DemoKey:
    name: str
    description: str
    kind: KeyKind
    acts_as: str
    owner: str
    access_level: AccessLevel
    scopes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


KEYS = (
    DemoKey(
        "Alice's scripts",
        "Whatever Alice automates for herself.",
        KeyKind.AGENT,
        acts_as="alice@example.com",
        owner="alice@example.com",
        access_level=AccessLevel.FULL,
    ),
    DemoKey(
        "CRM sync",
        "Tells agents what the CRM knows; acts as whoever it names, or else as Root.",
        KeyKind.SUPERUSER,
        acts_as="root@example.com",
        owner="root@example.com",
        access_level=AccessLevel.FULL,
    ),
    DemoKey(
        "Web shop",
        "The shop's contact form. Can open tickets and do nothing else.",
        KeyKind.AGENT,
        acts_as="shop@example.com",
        owner="root@example.com",
        access_level=AccessLevel.CUSTOM,
        scopes=("tickets:write",),
        tags=("tickets.create",),
    ),
)


def demo_file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"


def ensure_keys() -> dict[str, ApiKey]:
    """The demo's keys by name, each live and with a secret in the demo file that works.

    Lost secrets cannot be found again, so they are replaced. A revoked key stays revoked and gets
    a successor.
    """
    known = _known_secrets()
    keys, written = {}, []
    for wanted in KEYS:
        key, secret = _ensure_key(wanted, known)
        keys[key.name] = key
        code = f"{key.pk}:{secret}"
        written.append(
            {"name": key.name, "id": key.pk, "secret": secret, "code": code, "acts_as": wanted.acts_as}
        )
    _write({"sign_ins": _sign_ins(), "keys": written})
    return keys


def _ensure_key(wanted: DemoKey, known: dict[int, str]) -> tuple[ApiKey, str]:
    actor = system_actor(door=Door.COMMAND)
    key = ApiKey.objects.live().filter(is_demo=True, name=wanted.name).order_by("id").first()
    if key is None:
        return create_key(
            actor=actor,
            name=wanted.name,
            description=wanted.description,
            kind=wanted.kind,
            agent=Agent.objects.get(email=wanted.acts_as),
            owner=Agent.objects.get(email=wanted.owner),
            access_level=wanted.access_level,
            scopes=wanted.scopes,
            tags=wanted.tags,
            is_demo=True,
        )
    secret = known.get(key.pk, "")
    if bytes(key.digest) in secrets.digests(secret):
        return key, secret
    return key, regenerate(key, actor=actor)


def _sign_ins() -> list[dict[str, str]]:
    people = (member for member in CAST if member.kind == AgentKind.PERSON)
    return [{"email": member.email, "password": PASSWORD, "who": member.who} for member in people]


def _known_secrets() -> dict[int, str]:
    """What the demo file holds; nothing when it is lost or spoilt."""
    try:
        return {int(key["id"]): str(key["secret"]) for key in json.loads(demo_file().read_text())["keys"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(content: dict[str, Any]) -> None:
    """Readable by its owner only, and never half written."""
    draft = demo_file().with_name(f".demo.json.{os.getpid()}")
    draft.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(demo_file())
