"""What holds for every answer under /api, also for those that no view gave."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import Agent
from tests.robot import ask, reason, robot

pytestmark = pytest.mark.django_db


def test_plain_http_is_refused_and_not_redirected(alice: Agent, settings: Any) -> None:
    settings.HTTPS_ONLY = settings.SECURE_SSL_REDIRECT = True
    r = robot(alice)
    answer = r.get("/me")
    assert (answer.status_code, reason(answer)) == (403, "https_required")
    assert "Location" not in answer.headers
    over_https = Client().get("/api/v1/me", headers=r.bearer, secure=True)
    assert over_https.status_code == 200


def test_a_harmless_request_id_is_kept_and_any_other_replaced() -> None:
    assert ask("get", "/me", headers={"X-Request-ID": "shop-7_x.y"}).headers["X-Request-ID"] == "shop-7_x.y"
    for bad in ("", "a" * 65, "with space", "<script>"):
        given = ask("get", "/me", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert given != bad
        assert len(given) == 32


def test_every_answer_has_the_headers(alice: Agent) -> None:
    r = robot(alice)
    for answer in (
        r.get("/me"),
        r.get("/nowhere"),
        r.post("/tickets", {}),
        ask("get", "/me"),
        ask("get", "/api/v1/x"),
    ):
        assert answer.headers["Vary"] == "Authorization, Accept, X-Agent-ID"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-ID"]
        assert not answer.cookies


def test_a_trailing_slash_never_redirects(alice: Agent) -> None:
    r = robot(alice)
    for path in ("/tickets/", "/me/requests/", "/helpdesk/discover/", "/"):
        assert r.get(path).status_code == 200


def test_a_session_is_no_credential(root: Agent) -> None:
    client = Client()
    client.force_login(root)
    assert client.get("/api/v1/me").status_code == 401


def test_a_database_that_is_away_is_said_to_be(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    r = robot(alice)

    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("apitokens.lookup.find", away)
    answer = r.get("/me")
    assert (answer.status_code, reason(answer)) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "refused" not in answer.content.decode()
