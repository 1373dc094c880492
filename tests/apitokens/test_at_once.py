"""Two people press at once. What each of them was shown is true afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Agent
from activity.models import Event
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, me, secret_in
from tests.cast import sign_in
from tests.robot import robot

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 3


def opened(client: Client, key: ApiKey, button: str) -> Callable[[], str]:
    """Open the page that asks. What comes back says yes, and reads the secret that is shown."""
    path = f"{LIST}{key.pk}/{button}/"
    token = re.findall(r'name="form_token" value="([^"]+)"', client.get(path).content.decode())[0]
    return lambda: secret_in(client.post(path, {"form_token": token, "overlap": "24"}))


def at_once(*presses: Callable[[], str]) -> list[str]:
    start = Barrier(len(presses))

    def run(press: Callable[[], str]) -> str:
        try:
            start.wait(timeout=60)
            return press()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(run, presses))


def working(secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if me(secret).status_code == 200]


def test_of_two_regenerations_at_once_one_of_the_secrets_shown_works(root: Agent, alice: Agent) -> None:
    clients = [sign_in(root), sign_in(root)]
    for _time in range(TIMES):
        r = robot(alice)
        shown = at_once(*(opened(client, r.key, "regenerate") for client in clients))
        assert len(set(shown)) == 2
        assert len(working([r.secret, *shown])) == 1
        assert Event.objects.about(r.key).filter(type="key.regenerated").count() == 2


def test_of_a_regeneration_and_a_rotation_at_once_the_last_decides(root: Agent, alice: Agent) -> None:
    """The secret from before is refused in any case, and the last one shown works.

    What was regenerated and then rotated away is accepted until the time that was chosen, as that page says.
    """
    clients = [sign_in(root), sign_in(root)]
    for _time in range(TIMES):
        r = robot(alice)
        regenerate, rotate = opened(clients[0], r.key, "regenerate"), opened(clients[1], r.key, "rotate")
        regenerated, rotated = at_once(regenerate, rotate)
        last = Event.objects.about(r.key).latest("pk").type
        left = [regenerated] if last == "key.regenerated" else [regenerated, rotated]
        assert working([r.secret, regenerated, rotated]) == left, last
        key = ApiKey.objects.get(pk=r.key.pk)
        assert key.accepts_previous(timezone.now()) == (last == "key.rotated")
