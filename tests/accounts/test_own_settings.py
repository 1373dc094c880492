"""What everybody settles for himself: profile, sessions, and a second step at sign-in."""

from __future__ import annotations

import base64
import html
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import connection
from django.test import Client

from accounts.actions import pass_second_step
from accounts.models import Agent, RecoveryCode, Session
from activity.models import Event
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import PASSWORD, AgentFactory, role, ticket
from tests.tasks import ten_seconds_pass

pytestmark = pytest.mark.django_db

SECURITY = "/settings/security/"
SECOND_STEP = "/settings/security/second-step/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Phone:
    """An authenticator app that was given the key on the page."""

    def __init__(self, key: str) -> None:
        self._totp = TOTP(base64.b32decode(key.replace(" ", "")), 6, SHA1(), 30)  # noqa: S303
        self.first = self.shows()

    def shows(self, *, later: int = 0) -> str:
        """The code of now, or of so many steps later; the clock of a phone may be one step off."""
        return self._totp.generate(int(time.time()) + 30 * later).decode()


def set_up(browser: Client) -> tuple[Phone, list[str], str]:
    """Switch two-step sign-in on, as its owner does; give the phone, the recovery codes and the key."""
    browser.post(SECOND_STEP, {"do": "begin", "password": PASSWORD})
    key = text_of(browser.get(f"{SECOND_STEP}app/"), r'seed-key">([^<]+)<')
    phone = Phone(key)
    shown = browser.post(f"{SECOND_STEP}app/", {"code": phone.first})
    assert shown["Cache-Control"] == "no-store"
    return phone, re.findall(r"<code>([a-z0-9-]{14})</code>", shown.content.decode()), key


def text_of(answer: Any, pattern: str) -> str:
    found = re.search(pattern, answer.content.decode())
    assert found, pattern
    return html.unescape(found[1])


def give_password(browser: Client, agent: Agent, **fields: str) -> Any:
    return browser.post("/sign-in/", {"email": agent.email, "password": PASSWORD, **fields})


def is_in(browser: Client) -> bool:
    return browser.get("/views/mine/").status_code == 200


def test_alice_changes_her_profile_and_times_follow(alice: Agent) -> None:
    browser = Client()
    give_password(browser, alice)
    profile = {"name": "Alice Liddell", "signature": "*Alice*, Support", "time_zone": "Asia/Tokyo"}
    assert browser.post("/settings/", profile).status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.signature, alice.time_zone) == tuple(profile.values())
    event = Event.objects.about(alice).latest("pk")
    assert event.changes == {"name": ["Alice", "Alice Liddell"], "time_zone": ["", "Asia/Tokyo"]}
    assert (event.facts["fields"], event.agent) == (["name", "signature", "time_zone"], alice)
    Session.objects.update(signed_in_at="2026-01-01T23:30:00Z")
    wrong = browser.post("/settings/", profile | {"time_zone": "Mars/Olympus", "signature": "kept"})
    assert wrong.status_code == 422
    assert "There is no time zone of this name" in wrong.content.decode()
    assert "kept" in wrong.content.decode()
    assert "since 2026-01-02 08:30" in " ".join(browser.get(SECURITY).content.decode().split())


def test_a_signature_stands_below_replies_and_not_below_notes(alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(signature="*Alice*, Support")
    browser, row = sign_in(alice), ticket(assignee=alice)
    for kind, text in (("reply", "A reply."), ("reply", " "), ("note", "A note.")):
        browser.post(f"/tickets/{row.pk}/messages/", {"kind": kind, "body": text, "status": ""})
        ten_seconds_pass()
    newest = list(row.messages.order_by("pk").values_list("body_text", flat=True))[-2:]
    assert newest == ["A reply.\n\n*Alice*, Support", "A note."]


def test_alice_ends_the_session_that_she_forgot(alice: Agent, bob: Agent) -> None:
    here, there = Client(headers={"user-agent": FIREFOX}), Client(headers={"user-agent": "Opera/9 (Windows)"})
    for browser in (here, there):
        give_password(browser, alice)
    foreign = sign_in(bob)
    page = here.get(SECURITY)
    assert "Firefox on Linux" in page.content.decode()
    for key in (here.session.session_key, there.session.session_key):
        assert key
        assert key not in page.content.decode()
    other = text_of(page, r'name="session" value="(\w+)"')
    foreign.post(f"{SECURITY}sessions/", {"session": other})
    assert is_in(there), "Only the owner can end a session."
    here.post(f"{SECURITY}sessions/", {"session": other})
    assert (is_in(here), is_in(there), is_in(foreign)) == (True, False, True)
    for browser in (there, Client()):
        give_password(browser, alice)
    here.post(f"{SECURITY}sessions/")
    assert (is_in(here), is_in(there)) == (True, False)
    told = (
        Event.objects.about(alice)
        .filter(type="agent.sessions_ended")
        .order_by("id")
        .values_list("facts__sessions", flat=True)
    )
    assert list(told) == [1, 2]


def test_a_code_is_asked_for_after_the_password_also_on_the_way_to_the_admin(root: Agent) -> None:
    phone, recovery, key = set_up(sign_in(root))
    assert len(set(recovery)) == 10
    browser = Client()
    answer = give_password(browser, root, next="/admin/")
    assert answer["Location"] == "/sign-in/code/?next=%2Fadmin%2F"
    assert browser.get("/admin/").status_code == 302
    assert not is_in(browser)
    wrong = browser.post("/sign-in/code/", {"code": "000000", "next": "/admin/"})
    assert (wrong.status_code, is_in(browser)) == (422, False)
    code = phone.shows(later=1)
    right = browser.post("/sign-in/code/", {"code": code, "next": "/admin/"})
    assert right["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    event = Event.objects.about(root).filter(type="agent.signed_in").latest("pk")
    assert event.facts == {"address": "127.0.0.1", "second_step": "app"}
    for secret in (key.replace(" ", ""), code, recovery[0].replace("-", "")):
        assert tables_holding(secret) == []


def test_each_code_lets_in_once(alice: Agent) -> None:
    phone, recovery, _key = set_up(sign_in(alice))
    next_code = phone.shows(later=1)
    for code, lets_in in (
        (phone.first, False),  # It confirmed the set-up.
        (next_code, True),
        (next_code, False),
        (recovery[0].upper().replace("-", " "), True),
        (recovery[0], False),
        (recovery[1], True),
    ):
        browser = Client()
        give_password(browser, alice)
        browser.post("/sign-in/code/", {"code": code})
        assert is_in(browser) is lets_in, code
    assert "8 recovery codes are left" in browser.get(SECURITY).content.decode()


def test_what_a_password_alone_leads_to_ends_soon_and_with_the_password(alice: Agent) -> None:
    phone, _recovery, _key = set_up(sign_in(alice))
    browser = Client()
    give_password(browser, alice)
    for _ in range(10):
        browser.post("/sign-in/code/", {"code": "000000"})
    assert browser.post("/sign-in/code/", {"code": phone.shows(later=1)}).status_code == 429
    alice.set_password("a wholly different one")
    alice.save()
    assert browser.get("/sign-in/code/")["Location"] == "/sign-in/"
    assert Client().get("/sign-in/code/")["Location"] == "/sign-in/"


def test_switching_it_off_asks_for_the_password(alice: Agent) -> None:
    browser = sign_in(alice)
    set_up(browser)
    assert browser.post(SECOND_STEP, {"do": "remove", "password": "a guess"}).status_code == 422
    assert browser.post(SECOND_STEP, {"do": "begin", "password": PASSWORD}).status_code == 422
    renewed = browser.post(SECOND_STEP, {"do": "renew", "password": PASSWORD}).content.decode()
    assert len(re.findall(r"<code>[a-z0-9-]{14}</code>", renewed)) == RecoveryCode.objects.count() == 10
    assert "none of the former ones" in renewed
    RecoveryCode.objects.all().delete()
    assert "No recovery code is left. Make new ones" in browser.get(SECURITY).content.decode()
    browser.post(SECOND_STEP, {"do": "remove", "password": PASSWORD})
    assert give_password(Client(), alice)["Location"] == "/"
    assert not RecoveryCode.objects.exists()
    kinds = list(Event.objects.about(alice).order_by("pk").values_list("type", flat=True))
    assert kinds[:3] == [
        "agent.second_step_added",
        "agent.recovery_codes_renewed",
        "agent.second_step_removed",
    ]


def test_root_helps_alice_who_lost_her_phone_but_nobody_helps_himself_to_more(
    alice: Agent, root: Agent
) -> None:
    set_up(sign_in(alice))
    set_up(sign_in(root))
    keeper = AgentFactory(
        name="Keeper", role=role("Keeper", permissions=["agents:read", "agents:write"], enters_admin=True)
    )
    for agent, helper, helped in ((root, keeper, False), (alice, root, True)):
        sign_in(helper).post(f"/admin/accounts/agent/{agent.pk}/second-step/")
        assert (give_password(Client(), agent)["Location"] == "/") is helped, agent


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_gets_in_with_a_recovery_code(alice: Agent) -> None:
    _phone, recovery, _key = set_up(sign_in(alice))

    def attempt(_number: int) -> str:
        try:
            return pass_second_step(alice, recovery[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(attempt, range(20)))[-2:] == ["", "recovery"]
