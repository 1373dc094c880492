"""Each secret is in the one answer that shows it: in no table, page, cookie, session, mail or line of the log."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.contrib.admin import site
from django.core import mail
from django.test import Client

from accounts.models import Agent, Session
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, create, me, press, secret_in
from tests.canary import admin_pages, tables_holding
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, robot
from tests.tasks import do_queued

pytestmark = pytest.mark.django_db

HANDLES_KEYS = ["keys:read", "keys:write", "keys:delete", "events:read", "agents:read"]
READS = ["tickets:read", "messages:read", "notes:read", "contacts:read"]


def test_no_secret_is_anywhere_after_create_regenerate_rotate_and_leak(
    root: Agent, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    lena = AgentFactory(
        name="Lena", role=role("Integrator", permissions=[*HANDLES_KEYS, *READS], enters_admin=True)
    )
    dora = AgentFactory(name="Dora", role=role("Desk", permissions=["keys:read"], enters_admin=True))
    clerk = AgentFactory(name="Clerk", role=role("Clerk", permissions=READS, enters_admin=True))
    browsers = {agent.name: sign_in(agent) for agent in (root, lena, dora, clerk)}
    caplog.set_level(logging.DEBUG)

    answers = _everything_that_shows_a_secret(browsers["Root"], root, lena)
    secrets = [_shown(answer) for answer in answers]
    assert len(set(secrets)) == 7
    last = Robot(ApiKey.objects.get(name="CRM sync"), secrets[3])
    assert me(secrets[3]).status_code == 200
    _leak(browsers["Root"], secrets[3])
    assert last.get("/me").status_code == 401
    do_queued()

    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    outside = {
        "log": caplog.text,
        "output": "".join(capfd.readouterr()),
        "mail": str([message.message() for message in mail.outbox]),
        "headers": str([answer.headers for answer in answers]),
        "cookies": str([browser.cookies for browser in browsers.values()]),
        "sessions": str([session.get_decoded() for session in Session.objects.all()]),
    }
    assert len(mail.outbox) >= 2, "The leak was told by mail."
    caplog.set_level(
        logging.WARNING
    )  # Every variable that a template does not find would be logged with its trace.
    pages = {name: admin_pages(browser, *_key_pages()) for name, browser in browsers.items()}
    for name, fewest in (("Root", 60), ("Lena", 20), ("Dora", 3), ("Clerk", 3)):
        assert len(pages[name]) >= fewest, (name, sorted(pages[name]))
    for tab in ("overview", "requests", "changes", "usage", "rotate", "regenerate", "history"):
        assert f"{LIST}{last.key.pk}/{tab}/" in pages["Lena"]
    for secret in secrets:
        random = secret.removeprefix("hdk_")[:-4]  # Its end is shown, to recognise it by.
        assert [place for place, text in outside.items() if random in text] == []
        assert tables_holding(random) == []
        for name, read in pages.items():
            assert [path for path, text in read.items() if random in text] == [], name


def _everything_that_shows_a_secret(client: Client, root: Agent, lena: Agent) -> list[Any]:
    """Created, regenerated, rotated, regenerated: in the admin, and by the API."""
    made = create(client, lena, owner=lena.pk)
    key = ApiKey.objects.get()
    regenerated = press(client, key, "regenerate")
    rotated = _rotated(client, key)
    me(_shown(rotated))
    again = press(client, key, "regenerate")
    desk = robot(root, name="Key desk", admin_functions=True)
    by_api = desk.post("/keys", {"name": "Shop", "agent": lena.pk})
    number = by_api.json()["data"]["id"]
    return [
        made,
        regenerated,
        rotated,
        again,
        by_api,
        desk.post(f"/keys/{number}/regenerate"),
        desk.post(f"/keys/{number}/rotate", {"hours": 1}),
    ]


def _rotated(client: Client, key: ApiKey) -> Any:
    page = f"{LIST}{key.pk}/rotate/"
    token = re.findall(r'name="form_token" value="([^"]+)"', client.get(page).content.decode())[0]
    return client.post(page, {"overlap": "24", "form_token": token})


def _shown(answer: Any) -> str:
    assert answer.status_code in {200, 201}, answer.content
    return secret_in(answer)


def _leak(client: Client, secret: str) -> None:
    """By everything that a ticket stores."""
    opened = ticket()
    client.post(f"/tickets/{opened.pk}/messages/", {"kind": "reply", "body": f"Try {secret}, please"})
    client.post(f"/tickets/{opened.pk}/messages/", {"kind": "note", "body": secret})
    ticket(f"My key is {secret}", f"<{secret}>")
    client.get("/search/", {"q": secret})
    client.get(LIST, {"q": secret})


def _key_pages() -> list[str]:
    """The address of every page of every key, whether a link leads there or not."""
    keys = [str(pk) for pk in ApiKey.objects.values_list("pk", flat=True)]
    patterns = [str(url.pattern) for url in site.get_model_admin(ApiKey).urls]
    return sorted({LIST + re.sub(r"<\w+:\w+>", pk, pattern) for pattern in patterns for pk in keys})
