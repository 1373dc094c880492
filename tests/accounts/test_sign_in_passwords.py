"""Passwords are chosen by one-time links, changed by those who know the old one, and reset by mail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client

from accounts import actions
from accounts.models import Agent, LinkPurpose
from accounts.reactors import mail_reset_link
from activity.models import Event
from tests.cast import sign_in
from tests.factories import PASSWORD, at_the_web

pytestmark = pytest.mark.django_db

NEW = "three wise green owls"


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def choose(client: Client, path: str, password: str = NEW, again: str | None = None) -> Any:
    return client.post(path, {"password": password, "again": again or password})


def can_sign_in(agent: Agent, password: str) -> bool:
    return Client().post("/sign-in/", {"email": agent.email, "password": password}).status_code == 302


def test_an_invited_agent_chooses_a_password_once(client: Client, bob: Agent) -> None:
    path = path_of(actions.make_link(bob, LinkPurpose.INVITE))
    assert b"Welcome, Bob" in client.get(path).content
    assert choose(client, path)["Location"] == "/sign-in/"
    assert can_sign_in(bob, NEW)
    assert not can_sign_in(bob, PASSWORD)
    again = choose(client, path, "quite another password")
    assert again.status_code == 410
    assert b"no longer works" in again.content
    assert can_sign_in(bob, NEW)


def test_a_link_that_never_was_looks_like_one_that_was_used(client: Client, db: None) -> None:
    assert client.get("/password/choose/made-up/").status_code == 410


def test_the_link_of_a_deactivated_agent_does_not_work(client: Client, bob: Agent) -> None:
    path = path_of(actions.make_link(bob, LinkPurpose.RESET))
    Agent.objects.filter(pk=bob.pk).update(is_active=False)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "too short"),
        ("1234567890123", "1234567890123", "entirely numeric"),
        ("bob@desk.example", "bob@desk.example", "too similar"),
        ("password1234", "password1234", "too common"),
        (NEW, "three wise green cats", "differ"),
        ("x" * 5000, "x" * 5000, "4096 bytes"),
    ],
)
def test_weak_or_mistyped_passwords_are_refused(
    client: Client, bob: Agent, password: str, again: str, said: str
) -> None:
    path = path_of(actions.make_link(bob, LinkPurpose.INVITE))
    answer = choose(client, path, password, again)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert can_sign_in(bob, PASSWORD)


def test_a_chosen_password_ends_all_sessions(client: Client, bob: Agent) -> None:
    elsewhere = sign_in(bob)
    choose(client, path_of(actions.make_link(bob, LinkPurpose.RESET)))
    assert elsewhere.get("/views/mine/").status_code == 302


def test_alice_changes_her_password_and_stays_signed_in_here_only(alice: Agent) -> None:
    here, elsewhere = sign_in(alice), sign_in(alice)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert here.post("/password/", form | {"current": "wrong"}).status_code == 422
    assert here.post("/password/", form)["Location"] == "/settings/security/"
    assert here.get("/views/mine/").status_code == 200
    assert elsewhere.get("/views/mine/").status_code == 302
    assert can_sign_in(alice, NEW)
    assert Event.objects.about(alice).filter(type="agent.password_changed", agent=alice).exists()


def test_guessing_the_current_password_ends_after_ten_attempts(alice: Agent) -> None:
    client = sign_in(alice)
    form = {"current": "wrong", "password": NEW, "again": NEW}
    for _ in range(10):
        assert client.post("/password/", form).status_code == 422
    assert client.post("/password/", form | {"current": PASSWORD}).status_code == 429
    assert can_sign_in(alice, PASSWORD)


def test_a_reset_request_answers_the_same_for_known_and_unknown(client: Client, alice: Agent) -> None:
    answers = [
        client.post("/password/reset/", {"email": email}).content.decode().replace(email, "…")
        for email in (alice.email, "mallory@elsewhere.example")
    ]
    assert answers[0] == answers[1]
    assert Event.objects.filter(type="agent.password_reset_requested").count() == 1


def test_the_mail_leads_to_a_new_password(client: Client, alice: Agent) -> None:
    client.post("/password/reset/", {"email": alice.email})
    mail_reset_link(Event.objects.get(type="agent.password_reset_requested").pk)
    (message,) = mail.outbox
    assert message.to == [alice.email]
    link = re.search(r"http\S+/password/choose/\S+/", str(message.body))
    assert link
    assert choose(client, path_of(link[0]))["Location"] == "/sign-in/"
    assert can_sign_in(alice, NEW)


def test_nobody_can_flood_a_mailbox_with_reset_mails(client: Client, alice: Agent) -> None:
    for _ in range(5):
        assert client.post("/password/reset/", {"email": alice.email}).status_code == 200
    assert Event.objects.filter(type="agent.password_reset_requested").count() == 3


def test_one_address_may_ask_twenty_times(client: Client, db: None) -> None:
    for n in range(20):
        assert client.post("/password/reset/", {"email": f"n{n}@desk.example"}).status_code == 200
    assert client.post("/password/reset/", {"email": "n@desk.example"}).status_code == 429


def test_mails_are_plain_text_with_the_link_as_it_is(alice: Agent) -> None:
    context: dict[str, Any] = {
        "agent": alice,
        "link": "https://help.example/x?a=1&b=2",
        "site": "https://help.example",
    }
    alice.name = "Alice <&>"
    for purpose in LinkPurpose:
        text = render_to_string(f"accounts/mail/{purpose}.txt", context)
        assert context["link"] in text
        assert "Alice <&>" in text
        assert "\n" not in render_to_string(f"accounts/mail/{purpose}_subject.txt", context).strip()


def test_the_theme_is_remembered_and_leads_nowhere_else(client: Client, db: None) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "//evil.example"})
    assert answer["Location"] == "/"
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()
    client.post("/theme/", {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()
    client.cookies["theme"] = '"><script>alert(1)</script>'
    assert "<script>alert" not in client.get("/sign-in/").content.decode()


def test_root_can_hand_out_a_link_instead_of_a_mail(root: Agent, bob: Agent) -> None:
    actions.invite(bob, actor=at_the_web(root))
    assert Event.objects.about(bob).filter(type="agent.invited", agent=root).exists()
