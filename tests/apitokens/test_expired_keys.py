"""A key has expired: what its program, its log and the key desk say, and what lets the program in again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, edit_form, new_form, told
from tests.cast import PASSWORD, sign_in
from tests.robot import Robot, reason, robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(alice: Agent, root: Agent) -> Robot:
    r = robot(alice, name="Late", owner=root, expires_at=timezone.now() + timedelta(hours=1))
    ApiKey.objects.filter(pk=r.key.pk).update(expires_at=timezone.now())
    r.key.refresh_from_db()
    return r


def test_no_secret_is_handed_out_that_would_be_refused(late: Robot, root: Agent) -> None:
    client, page = sign_in(root), f"{LIST}{late.key.pk}/"
    assert f"{page}regenerate/" not in told(client.get(f"{page}overview/"))
    form = {"form_token": new_form(client, None)["form_token"]}
    answer = client.post(f"{page}regenerate/", form)
    assert "The key has expired. Give it a later expiry first." in told(answer)
    assert "hdk_" not in told(answer)
    desk = robot(root, admin_functions=True)
    refused = desk.post(f"/keys/{late.key.pk}/regenerate")
    assert [*refused.json()["error"]["fields"]] == ["expires_at"]
    later = (timezone.now() + timedelta(days=1)).isoformat()
    assert desk.patch(f"/keys/{late.key.pk}", {"expires_at": later}).status_code == 200
    fresh = desk.post(f"/keys/{late.key.pk}/regenerate").json()["data"]["secret"]
    assert Robot(late.key, fresh).get("/me").status_code == 200


def test_the_page_and_the_log_say_what_lets_the_program_in_again(late: Robot, root: Agent) -> None:
    client, page = sign_in(root), f"{LIST}{late.key.pk}/"
    assert reason(late.get("/me")) == "expired"
    entry = late.key.requests.get()
    logged = told(client.get(f"{page}requests/{entry.sequence}/"))
    assert "Give the key a later expiry: its secret stays the same." in logged
    assert '"/api/docs#expired"' in logged
    overview = told(client.get(f"{page}overview/"))
    assert "every request with it is refused" in overview
    assert f'<a href="{page}change/">Give it a later expiry</a>' in overview
    answer: Any = client.post(f"{page}change/", edit_form(late.key, expiry="90", password=PASSWORD))
    assert answer.status_code == 302
    assert late.get("/me").status_code == 200
    assert "every request with it is refused" not in told(client.get(f"{page}overview/"))
