"""The leak tripwire: the secret of a key, pasted anywhere, is not stored, and its key lets nobody in any more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Agent, Notification
from activity.models import Event
from apitokens import leaks, secrets
from apitokens.models import ApiKey
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import ticket
from tests.robot import Robot, reason, robot
from tests.tasks import do_queued
from tickets.models import Attachment, Message

pytestmark = pytest.mark.django_db

FORM = {"subject": "Help", "contact": {"email": "carol@customer.example"}, "message": "Hello"}


def test_whoever_answers_is_told_and_the_program_is_refused(root: Agent, alice: Agent, bob: Agent) -> None:
    leaky, opened = robot(bob, name="CRM sync", owner=alice), ticket()
    sign_in(bob).post(f"/tickets/{opened.pk}/messages/", {"kind": "reply", "body": "x"})
    sign_in(alice).post(
        f"/tickets/{opened.pk}/messages/",
        {"kind": "reply", "body": f"Try curl -H 'Authorization: Bearer {leaky.secret}'"},
    )
    answer = leaky.get("/me")
    assert (answer.status_code, reason(answer)) == (401, "suspended")
    event = Event.objects.get(type="key.suspended")
    assert (event.agent, event.door, event.facts["ticket"]) == (alice, "web", opened.pk)
    do_queued()
    assert sorted(message.to[0] for message in mail.outbox) == [alice.email, root.email]
    assert "“CRM sync” is suspended" in mail.outbox[0].subject
    assert f"/tickets/{opened.pk}/" in str(mail.outbox[0].body)
    assert leaky.secret not in str([message.message() for message in mail.outbox])
    assert "the key is suspended</span>" in sign_in(root).get("/notifications/").content.decode()

    # Alice answers for the key, has no page of it, and did it herself: she is told all the same, and whom to ask.
    assert "key_suspended" not in sign_in(bob).get("/settings/notifications/").content.decode()
    own = sign_in(alice)
    assert "the key is suspended. Ask an administrator.</span>" in own.get("/notifications/").content.decode()
    choices = own.get("/settings/notifications/").content.decode()
    assert 'name="shown-key_suspended"' in choices
    assert "mailed-key_suspended" not in choices, "The mail is sent in any case."
    told = Notification.objects.get(agent=alice)
    assert own.post(f"/notifications/{told.pk}/").headers["Location"] == "/notifications/"
    page = sign_in(root).get(f"/admin/apitokens/apikey/{leaky.key.pk}/overview/").content.decode()
    assert f'<a href="/tickets/{opened.pk}/">Ticket {opened.pk}</a>' in page


def test_what_only_looks_like_a_live_secret_stays_as_it_is(root: Agent, alice: Agent) -> None:
    opened, desk = ticket(), robot(alice)
    typo, unknown = desk.secret[:-1] + ("A" if desk.secret[-1] != "A" else "B"), secrets.generate()
    revoked, regenerated = robot(alice, owner=root), robot(alice, owner=root)
    browser = sign_in(root)
    browser.post(f"/admin/apitokens/apikey/{revoked.key.pk}/revoke/")
    admin = robot(root, admin_functions=True)
    admin.post(f"/keys/{regenerated.key.pk}/regenerate")
    said = [typo, unknown, revoked.secret, regenerated.secret, desk.secret[:30], desk.secret.lower()]
    browser.post(f"/tickets/{opened.pk}/messages/", {"kind": "note", "body": " ".join(said)})
    note = Message.objects.latest("pk")
    assert all(words in note.body_text for words in said)
    assert not ApiKey.objects.exclude(suspended_at=None).exists()


def test_the_secret_before_a_rotation_is_live_as_long_as_it_is_accepted(root: Agent, alice: Agent) -> None:
    leaky, admin, opened = robot(alice, owner=root), robot(root, admin_functions=True), ticket()
    rotated = admin.post(f"/keys/{leaky.key.pk}/rotate", {"hours": 24}).json()["data"]
    admin.post(f"/tickets/{opened.pk}/note", {"body": leaky.secret})
    assert tables_holding(leaky.secret) == []
    assert reason(Robot(leaky.key, rotated["secret"]).get("/me")) == "suspended"


def test_looking_for_a_secret_or_rehearsing_with_it_does_nothing(alice: Agent) -> None:
    leaky, opened = robot(alice), ticket()
    browser, other = sign_in(alice), robot(alice)
    browser.get("/search/", {"q": leaky.secret})
    other.get(f"/tickets?q={leaky.secret}")
    dry = other.post(f"/tickets/{opened.pk}/note", {"body": leaky.secret}, Prefer="dry-run")
    assert [event["type"] for event in dry.json()["meta"]["events"]] == ["key.suspended", "ticket.noted"]
    refused = other.post(f"/tickets/{opened.pk}/reply", {"body": leaky.secret, "status": "nothing"})
    assert refused.status_code == 422
    assert leaky.get("/me").status_code == 200
    assert tables_holding(leaky.secret) == []


def test_nothing_that_a_request_carries_besides_keeps_a_secret(alice: Agent) -> None:
    leaky, other = robot(alice), robot(alice)
    split = f"{leaky.secret[:12]}\u200b{leaky.secret[12:]}"
    other.get(
        f"/tickets/{leaky.secret}?{leaky.secret}=1&include={leaky.secret}", **{"User-Agent": leaky.secret}
    )
    other.get(f"/contacts/external/{split}")
    other.post("/tickets", FORM, **{"X-Request-ID": leaky.secret})
    other.post("/tickets", FORM, **{"Idempotency-Key": leaky.secret})
    assert tables_holding(leaky.secret) == []
    logged = " ".join(
        f"{row.path} {row.query} {row.user_agent} {row.request_id}" for row in other.key.requests.all()
    )
    assert leaky.secret[12:] not in logged
    assert leaky.get("/me").status_code == 200


WRAPPED: dict[str, Callable[[str], str]] = {
    "in words": lambda s: f"abc{s}def_ghi",
    "in an address": lambda s: f"https://x.example/?token={s}&x=1",
    "over soft line ends": lambda s: f"{s[:20]}=\r\n{s[20:]}",
    "quoted by a mail program": lambda s: f"> {s[:30]}\n> {s[30:]}",
    "with invisible characters": "\u200b".join,
    "in Markdown": lambda s: f"**{s[:4]}**{s[4:9]}`{s[9:]}`",
    "escaped": lambda s: s.replace("_", "\\_"),
    "in an encoded address": lambda s: s.replace("_", "%5F"),
    "in code": lambda s: f"```\nKEY={s}\n```",
    "twice": lambda s: f"{s} {s}",
    "behind another beginning": lambda s: f"hdk_{'A' * 35}{s}",
    "after a comparison": lambda s: f"a < {s} > b",
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED.keys())
def test_it_is_found_however_it_is_wrapped(wrap: Callable[[str], str], alice: Agent) -> None:
    leaky, opened = robot(alice), ticket()
    robot(alice).post(f"/tickets/{opened.pk}/note", {"body": wrap(leaky.secret)})
    note = Message.objects.latest("pk")
    bare = re.sub(r"<[^<>]*>|[^0-9A-Za-z_]", "", note.body_html) + re.sub(
        r"[^0-9A-Za-z_]", "", note.body_text
    )
    assert leaky.secret[8:-4] not in bare
    assert f"hdk_…{leaky.secret[-4:]}" in note.body_text
    assert reason(leaky.get("/me")) == "suspended"


@pytest.mark.parametrize(
    "html", ["{a}<b>{b}</b>", "<p>{a}</p><p>{b}</p>", "{a}&shy;{b}", "<a href='http://x/{a}{b}'>x</a>"]
)
def test_it_is_found_in_html_whatever_stands_between(html: str, alice: Agent) -> None:
    leaky, opened = robot(alice), ticket()
    body = html.format(a=leaky.secret[:10], b=leaky.secret[10:])
    robot(alice).post(f"/tickets/{opened.pk}/note", {"body_html": f"<p>Before <i>{body}</i> after</p>"})
    note = Message.objects.latest("pk")
    assert leaky.secret[10:-4] not in note.body_html + note.body_text
    assert note.body_html.startswith("<p>Before <i>")
    assert note.body_html.endswith("</i> after</p>") or "<p>" in html
    assert reason(leaky.get("/me")) == "suspended"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_a_file_keeps_its_length_and_its_encoding(encoding: str, alice: Agent) -> None:
    leaky, opened = robot(alice), ticket()
    text = f"# Grüße\nKEY={leaky.secret}\nEND\n"
    file = SimpleUploadedFile("env.txt", text.encode(encoding), "text/plain")
    sign_in(alice).post(
        f"/tickets/{opened.pk}/messages/", {"kind": "note", "body": "See", "attachments": file}
    )
    kept = Attachment.objects.get()
    masked = kept.file.read().decode(encoding)
    assert masked == text.replace(leaky.secret[4:-4], "*" * 34)
    assert kept.size == len(text.encode(encoding))
    assert reason(leaky.get("/me")) == "suspended"


def test_searching_long_texts_takes_no_long_time() -> None:
    hostile = [
        "hdk_" * 25_000,
        "h" * 100_000,
        "hdk_" + " " * 100_000,
        "h<" * 50_000,
        "hdk_" + "a<b>" * 25_000,
        "h&" * 50_000,
    ]
    assert [leaks.find(text) for text in hostile] == [[]] * len(hostile)
    assert leaks.find(b"hdk_A\x00" * 2_000_000) == []
