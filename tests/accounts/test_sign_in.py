"""Agents come in through one page, also those who want to enter the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Agent
from activity.models import Event
from tests.cast import sign_in
from tests.factories import PASSWORD, AgentFactory

pytestmark = pytest.mark.django_db


def try_to_sign_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/sign-in/", {"email": email, "password": password, **fields})


def is_in(client: Client) -> bool:
    return client.get("/views/mine/").status_code == 200


def test_alice_signs_in_and_comes_to_her_tickets(client: Client, alice: Agent) -> None:
    answer = try_to_sign_in(client, alice.email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)
    event = Event.objects.about(alice).get(type="agent.signed_in")
    assert (event.agent, event.door, event.facts) == (alice, "web", {"address": "127.0.0.1"})


def test_her_address_may_be_typed_in_any_case(client: Client, alice: Agent) -> None:
    try_to_sign_in(client, f" {alice.email.upper()} ")
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, alice: Agent) -> None:
    wrong = try_to_sign_in(client, alice.email, "something else")
    unknown = try_to_sign_in(client, "mallory@elsewhere.example", "something else")
    assert wrong.status_code == unknown.status_code == 422
    told = [answer.content.decode().split('role="alert"')[1].split("</ul>")[0] for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert not is_in(client)


@pytest.mark.parametrize("changes", [{"is_active": False}, {"kind": "service"}])
def test_inactive_and_service_agents_stay_outside(client: Client, changes: dict[str, object]) -> None:
    agent = AgentFactory(name="Somebody", **changes)
    assert try_to_sign_in(client, agent.email).status_code == 422
    assert not is_in(client)


def test_a_deactivated_agent_is_out_with_the_next_request(alice: Agent) -> None:
    client = sign_in(alice)
    assert is_in(client)
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    assert not is_in(client)


def test_the_session_id_changes_on_signing_in(client: Client, alice: Agent) -> None:
    client.get("/sign-in/")
    client.session["before"] = 1
    client.session.save()
    before = client.cookies["sessionid"].value
    try_to_sign_in(client, alice.email)
    assert client.cookies["sessionid"].value != before


def test_a_password_of_more_than_4096_bytes_is_refused(client: Client, alice: Agent) -> None:
    answer = try_to_sign_in(client, alice.email, "ü" * 2049)
    assert answer.status_code == 422
    assert b"4096 bytes" in answer.content


def test_the_eleventh_wrong_password_is_not_even_checked(client: Client, alice: Agent, bob: Agent) -> None:
    for _ in range(10):
        assert try_to_sign_in(client, alice.email, "wrong").status_code == 422
    assert try_to_sign_in(client, alice.email).status_code == 429
    assert not is_in(client)
    # Neither is Alice locked out elsewhere, nor Bob here.
    assert (
        Client(REMOTE_ADDR="203.0.113.9")
        .post("/sign-in/", {"email": alice.email, "password": PASSWORD})
        .status_code
        == 302
    )
    assert try_to_sign_in(client, bob.email).status_code == 302


def test_one_address_gets_a_hundred_attempts_whatever_the_account(client: Client, alice: Agent) -> None:
    for n in range(100):
        assert try_to_sign_in(client, f"nobody{n}@desk.example", "wrong").status_code == 422
    assert try_to_sign_in(client, alice.email).status_code == 429


def test_neighbours_in_one_ipv6_network_count_as_one(alice: Agent) -> None:
    for n in range(10):
        client = Client(REMOTE_ADDR=f"2001:db8:1:2::{n + 1}")
        assert try_to_sign_in(client, alice.email, "wrong").status_code == 422
    assert try_to_sign_in(Client(REMOTE_ADDR="2001:db8:1:2::ffff"), alice.email).status_code == 429


def test_whoever_is_sent_to_sign_in_comes_back_afterwards(client: Client, alice: Agent) -> None:
    answer = client.get("/views/open/?q=parcel")
    assert answer["Location"] == "/sign-in/?next=%2Fviews%2Fopen%2F%3Fq%3Dparcel"
    page = client.get(answer["Location"])
    assert 'name="next" value="/views/open/?q=parcel"' in page.content.decode()
    assert (
        try_to_sign_in(client, alice.email, next="/views/open/?q=parcel")["Location"]
        == "/views/open/?q=parcel"
    )


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil"],
)
def test_nobody_is_sent_to_a_foreign_page(client: Client, alice: Agent, target: str) -> None:
    assert target not in client.get("/sign-in/", {"next": target}).content.decode()
    assert try_to_sign_in(client, alice.email, next=target)["Location"] == "/"


def test_a_fragment_of_a_page_whose_session_ended_sends_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.post(
        "/tickets/1/messages/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/tickets/1/?view=mine"},
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Ftickets%2F1%2F%3Fview%3Dmine"


def test_signing_out_takes_a_post(alice: Agent) -> None:
    client = sign_in(alice)
    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    client.post("/sign-out/")
    assert not is_in(client)
    assert Event.objects.about(alice).filter(type="agent.signed_out").exists()


def test_signing_in_needs_the_token_of_the_form(alice: Agent) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert try_to_sign_in(strict, alice.email).status_code == 403


def test_the_admin_uses_the_same_page(client: Client, root: Agent) -> None:
    answer = client.get("/admin/login/?next=/admin/accounts/agent/")
    assert answer["Location"] == "/sign-in/?next=%2Fadmin%2Faccounts%2Fagent%2F"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/")
    assert client.post("/admin/login/", {"username": root.email, "password": PASSWORD}).status_code == 405
    try_to_sign_in(client, root.email, next="/admin/")
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    assert Event.objects.about(root).filter(type="agent.signed_out").exists()


def test_an_agent_whose_role_does_not_enter_the_admin_is_told_so(alice: Agent) -> None:
    answer = sign_in(alice).get("/admin/", follow=True)
    assert answer.status_code == 403
    assert b"Your role does not enter the admin" in answer.content


def test_pages_for_agents_are_kept_by_no_cache(alice: Agent) -> None:
    client = sign_in(alice)
    for path in ("/views/mine/", "/password/", "/tickets/404/"):
        assert "no-store" in client.get(path)["Cache-Control"]
