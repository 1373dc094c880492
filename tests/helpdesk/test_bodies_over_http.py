"""What a real HTTP client may send, over a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from accounts.models import Agent
from tests.robot import robot
from tests.servers import StartServer
from tickets.models import Ticket

NEW = {"subject": "Lost parcel", "message": "Where is it?", "contact": "carol@customer.example"}


@pytest.mark.django_db(transaction=True)
def test_a_body_of_unknown_length_is_read(alice: Agent, start_server: StartServer) -> None:
    server = start_server()
    with robot(alice).over_http(server.url) as client:
        json_headers = {"Content-Type": "application/json"}
        answer = client.post("/tickets", content=_pieces(json.dumps(NEW)), headers=json_headers)
        assert answer.status_code == 201, answer.text
        assert Ticket.objects.get().subject == "Lost parcel"
        too_large = client.post("/tickets", content=_pieces("x" * 3_000_000), headers=json_headers)
        assert (too_large.status_code, too_large.json()["error"]["reason"]) == (413, "too_large")


@pytest.mark.django_db(transaction=True)
def test_a_proxy_that_is_not_trusted_cannot_choose_the_address(
    alice: Agent, start_server: StartServer
) -> None:
    bound = robot(alice, addresses=["203.0.113.7"])
    plain, behind_proxy = start_server(), start_server(environment={"TRUSTED_PROXIES": "127.0.0.1"})
    for server, forwarded, status in (
        (plain, "203.0.113.7", 403),
        (behind_proxy, "203.0.113.7", 200),
        (behind_proxy, "203.0.113.7, 198.51.100.1", 403),
        (behind_proxy, "unknown", 403),
    ):
        with bound.over_http(server.url) as client:
            assert client.get("/me", headers={"X-Forwarded-For": forwarded}).status_code == status, forwarded


def _pieces(text: str) -> Iterator[bytes]:
    """Sent chunk by chunk, so that nobody knows the length beforehand."""
    for start in range(0, len(text), 65_536):
        yield text[start : start + 65_536].encode()
