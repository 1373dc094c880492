"""What is measured, as requests ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from accounts.models import Agent
from activity.actor import Door, system_actor
from apitokens.actions import create_key, delete_key, revoke
from apitokens.models import AccessLevel, ApiKey

URLS = "helpdesk.bench.urls"
_KEY_NAME = "Bench"
_NO_LIMIT = 1_000_000_000
_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request. `queries` is the number of SQL statements, without BEGIN, COMMIT and the like; `size` is
    the answer's in bytes."""

    letter: str
    name: str
    path: str
    headers: dict[str, str]
    queries: int = 0
    size: int = 0


def cases() -> list[Case]:
    """All of them act as Alice, who sees one team's tickets and her own. The first is the measuring stick."""
    alice = alice_herself()
    key = {"Authorization": f"Bearer {_secret(alice)}"}
    session = signed_in(alice)
    found = [
        Case("a", "bare REST framework view, no authentication", "/bench/bare", {}),
        Case("b", "/me with a key", "/api/v1/me", key),
        Case("c", "25 tickets with include", "/api/v1/tickets?include=contact,assignee", key),
        Case("d", "workspace: list page", reverse("tickets:view", args=["teams"]), session),
        Case("e", "workspace: search, a common word", f"{reverse('tickets:search')}?q=parcel", session),
        Case("f", "workspace: search, a rare word", f"{reverse('tickets:search')}?q=lindqvist", session),
    ]
    return [counted(one) for one in found]


def alice_herself() -> Agent:
    alice: Agent = Agent.objects.select_related("role").get(email="alice@example.com")
    return alice


def signed_in(agent: Agent) -> dict[str, str]:
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(agent)}"}


def _secret(alice: Agent) -> str:
    """A key of the bench's own, whose rate limit never gets in the way."""
    by_command = system_actor(door=Door.COMMAND)
    for old in ApiKey.objects.filter(name=_KEY_NAME):
        delete_key(revoke(old, actor=by_command), actor=by_command)
    _key, secret = create_key(
        actor=by_command,
        name=_KEY_NAME,
        agent=alice,
        owner=alice,
        access_level=AccessLevel.FULL,
        rate_limit=_NO_LIMIT,
        is_demo=True,
    )
    return secret


def session_of(alice: Agent) -> str:
    """What a browser holds after Alice has signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(alice.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = alice.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def counted(case: Case) -> Case:
    """With queries and bytes, counted in this process on the second request: the first one may fill caches."""
    client = Client(headers=case.headers)
    for _ in range(2):
        with override_settings(ROOT_URLCONF=URLS), CaptureQueriesContext(connection) as captured:
            answer = client.get(case.path)
        if answer.status_code != 200:
            raise RuntimeError(f"{case.path} answered {answer.status_code}, so its cost says nothing.")
    queries = sum(not query["sql"].startswith(_NOT_COUNTED) for query in captured.captured_queries)
    return replace(case, queries=queries, size=len(answer.content))
