"""An agent allows an application to act for him: the flow, and how every misuse of it ends."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from tests.apitokens.oauth import error, use, zap
from tests.robot import reason

pytestmark = pytest.mark.django_db


def test_flow(alice: Agent) -> None:
    app = zap()
    tokens = app.tokens_for(alice)
    me = use(tokens["access_token"])
    assert me.status_code == 200
    again = app.refresh(tokens["refresh_token"])
    assert use(again.json()["access_token"], "/me/requests").status_code == 200
    reused = app.refresh(tokens["refresh_token"])
    assert error(reused) == (400, "invalid_grant")
    assert reason(use(again.json()["access_token"])) == "revoked"
