"""Reading a ticket: its contact, why it is here, what a long conversation folds, and the pictures in it."""

from __future__ import annotations

import re
import struct
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from accounts.permissions import ORDINARY, Permission
from activity.actor import Door
from activity.models import Event
from tests.cast import sign_in
from tests.factories import ContactFactory, OrganizationFactory, at_the_web, role, ticket
from tickets import actions
from tickets import text as texts
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Attachment, Message, Priority
from tickets.pictures import recognise

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 3, 2, 8, 2, 0, 0, 0)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_alice_corrects_what_is_known_about_carol(alice: Agent, carol: Contact) -> None:
    flowers = OrganizationFactory(name="Flowers Ltd")
    opened, client = ticket(contact=carol), sign_in(alice)
    path = f"/tickets/{opened.pk}/contact/?view=mine"
    version = re.search(r'name="version" value="(\d+)"', page(client, path))
    assert version
    form = {
        "name": "Carol Jones", "emails": "carol@home.example\ncarol@customer.example\n\n", "phones": "+43 1 234",
        "organization": "flowers ltd", "notes": "Rings back in the evening.", "version": version[1],
    }  # fmt: skip
    assert client.post(path, form)["Location"] == f"/tickets/{opened.pk}/?view=mine"
    carol.refresh_from_db()
    assert (carol.name, carol.phones, carol.organization) == ("Carol Jones", ["+43 1 234"], flowers)
    shown = page(client, f"/tickets/{opened.pk}/")
    for text in ("Carol Jones", "carol@home.example", "+43 1 234", "Rings back in the evening."):
        assert text in shown

    stale = client.post(path, form | {"name": "Caroline"})  # Against the version before that.
    assert (stale.status_code, "Somebody changed this" in stale.content.decode()) == (422, True)
    assert 'value="Caroline"' in stale.content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"emails": "nobody"}, "valid email"),
        ({"emails": "taken@customer.example"}, "taken@customer.example"),
        ({"organization": "Unheard of"}, "There is no organization of this name."),
        ({"name": ""}, "required"),
        ({"phones": "1" * 41}, "at most 40 characters"),
        ({"phones": "\n".join(map(str, range(30)))}, "At most 20 lines"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(alice: Agent, carol: Contact, wrong: Any, said: str) -> None:
    ContactFactory(name="Other", email="taken@customer.example")
    opened = ticket(contact=carol)
    form = {
        "name": "Carol",
        "emails": "carol@customer.example",
        "version": carol.version,
        "notes": "kept",
    } | wrong
    answer = sign_in(alice).post(f"/tickets/{opened.pk}/contact/", form)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert ">kept</textarea>" in answer.content.decode().replace("\nkept", "kept")


def test_contacts_are_changed_by_those_who_may(
    alice: Agent, bob: Agent, carol: Contact, support: Team
) -> None:
    opened = ticket(contact=carol, team=support)
    assert sign_in(bob).get(f"/tickets/{opened.pk}/contact/").status_code == 404
    alice.role = role("Reads contacts", permissions=sorted(ORDINARY - {Permission.CONTACTS_WRITE}))
    alice.save()
    client = sign_in(alice)
    assert client.get(f"/tickets/{opened.pk}/contact/").status_code == 403
    assert "/contact/?" not in page(client, f"/tickets/{opened.pk}/")


def test_a_ticket_says_why_it_is_here(alice: Agent, bob: Agent, support: Team) -> None:
    opened = ticket(assignee=bob)
    actions.assign(opened, to=alice, actor=at_the_web(bob))
    shown = page(sign_in(alice), f"/tickets/{opened.pk}/?view=mine").split("Why is this here?", 1)[1]
    shown = shown.split("</details>", 1)[0]
    assert "The list “Mine” shows status:open -is:snoozed assignee:me" in shown
    assert "Bob assigned the ticket to Alice" in shown
    assert "The helpdesk opened the ticket" in shown


def test_a_long_history_folds_its_middle_until_it_is_asked_for(alice: Agent) -> None:
    opened = ticket(text="The beginning.", assignee=alice)
    for n in range(25):
        actions.set_priority(opened, priority=Priority(n % 2 + 1), actor=at_the_web(alice))
    actions.note(opened, body=Body.from_markdown("The end."), actor=at_the_web(alice))
    client, here = sign_in(alice), f"/tickets/{opened.pk}/"
    shown = page(client, here)
    before, after = shown.split('<li class="folded">', 1)
    link = re.search(r'<a href="([^"]+)".*?>Show (\d+) more<', after)
    assert link
    assert (link[2], shown.count('class="event"')) == ("14", 12)
    assert "The beginning." in before
    assert "The end." in after
    whole = page(client, link[1].replace("&amp;", "&"))
    assert ('class="folded"' in whole, whole.count('class="event"')) == (False, 26)
    assert 'class="folded"' not in page(client, f"{here}?q=beginning"), "What was searched for is to be seen."
    # What an agent has before him stays there when the ticket changes.
    as_shown = {"HX-Request": "true", "X-Shown": "newest"}
    changed = client.get(f"{here}fresh/", headers=as_shown).content.decode()
    assert ('id="timeline"' in changed, 'class="folded"' in changed) == (True, False)
    assert "folded" not in page(client, f"/tickets/{ticket().pk}/")


@pytest.mark.parametrize(
    ("messages", "events"), [(5, 3), (20, 0), (21, 0), (8, 14), (19, 3), (45, 30), (104, 9)]
)
def test_what_is_left_of_a_folded_conversation_is_its_beginning_and_its_end(
    alice: Agent, messages: int, events: int
) -> None:
    opened, begun = ticket(assignee=alice), timezone.now()
    by = {"ticket": opened, "kind": "note", "direction": "out", "agent": alice, "door": Door.WEB}
    waits = [n * 37 % messages for n in range(messages)]  # Some came late, as what is imported does.
    rows = [Message(**by, body_html="x", created_at=begun + timedelta(minutes=wait)) for wait in waits]
    Message.objects.bulk_create(rows)
    for n in range(events):
        actions.set_priority(opened, priority=Priority(n % 2 + 1), actor=at_the_web(alice))
        Event.objects.filter(pk=Event.objects.latest("pk").pk).update(at=begun + timedelta(seconds=n * 400))
    client = sign_in(alice)
    folded, newest = [page(client, f"/tickets/{opened.pk}/{show}") for show in ("", "?show=newest")]
    entry = re.compile(r'<li class="(?:event"|message" id="(message-\d+)).*?<time datetime="([^"]+)')
    whole, kept = entry.findall(newest), entry.findall(folded)
    assert len(whole) >= min(messages, 100)
    left_out = re.search(r"Show (\d+) more<", folded)
    if len(whole) <= 20:
        assert (kept, left_out) == (whole, None)
    else:
        assert left_out
        assert (kept, int(left_out[1])) == ([*whole[:2], *whole[-12:]], len(whole) - 14)
    assert f'data-seen="{Message.objects.filter(ticket=opened).latest("pk").pk}"' in folded
    assert ("Show the earlier messages" in folded) == (messages + 1 > 100)


def test_long_quotations_are_folded_and_short_ones_are_not(alice: Agent) -> None:
    long, short = "> " + "What you wrote before, at length. " * 9, "> Is it blue?"
    opened = ticket(text=f"Thank you!\n\n{long}\n>\n>> deeper\n\nRegards")
    for text in (f"{short}\n\nYes.", long, "| a | b |\n|---|---|\n| 1 | 2 |"):
        actions.note(opened, body=Body.from_markdown(text), actor=at_the_web(alice))
    shown = page(sign_in(alice), f"/tickets/{opened.pk}/")
    assert shown.count('<details class="quote"><summary>Quoted text</summary><blockquote>') == 1
    assert "deeper" in shown.split("Quoted text", 1)[1].split("</details>", 1)[0]
    assert "<blockquote> <p>Is it blue?" in shown
    # Moved sideways where it is too wide, by keyboard as well.
    assert '<div class="wide" tabindex="0"><table>' in shown
    assert shown.count("</table></div>") == 1


def test_pictures_are_shown_as_what_they_are_and_nothing_else_is(
    alice: Agent, bob: Agent, support: Team
) -> None:
    files = [
        File("photo.png", "image/png", PNG),
        File("trap.png", "image/png", b"<script>alert(1)</script>"),
        File("page.html", "text/html", PNG),
        File(
            "bomb.png", "image/png", PNG.replace(struct.pack(">II", 3, 2), struct.pack(">II", 90_000, 90_000))
        ),
    ]
    opened = ticket(team=support, attachments=files, actor=at_the_web(alice))
    client, paths = (
        sign_in(alice),
        {f.name: f"/attachments/{f.pk}/preview/" for f in Attachment.objects.all()},
    )
    shown = page(client, f"/tickets/{opened.pk}/")
    assert f'src="{paths["photo.png"]}"' in shown
    assert f'src="{paths["page.html"]}"' not in shown
    answer = client.get(paths["photo.png"])
    assert answer.getvalue() == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert [client.get(paths[name]).status_code for name in ("trap.png", "bomb.png")] == [404, 404]
    assert sign_in(bob).get(paths["photo.png"]).status_code == 404


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (PNG, (3, 2)),
        (b"GIF89a" + struct.pack("<HH", 5, 7), (5, 7)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 9, 8), (8, 9)),
        (b"RIFF1234WEBPVP8 " + bytes(10) + struct.pack("<HH", 4, 6), (4, 6)),
        (b"RIFF1234WEBPVP8L" + bytes(5) + struct.pack("<I", 3 | 5 << 14), (4, 6)),
        (b"RIFF1234WEBPVP8X" + bytes(8) + b"\x03\x00\x00\x05\x00\x00", (4, 6)),
        (b"<svg onload=alert(1)>", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff" + b"\xff" * 40, None),
        (b"RIFF1234WEBP", None),
        (b"", None),
    ],
)
def test_a_picture_is_told_from_its_first_bytes(head: bytes, size: tuple[int, int] | None) -> None:
    found = recognise(head)
    assert (found and (found.width, found.height)) == size


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "![A red hat](https://shop.example/hat.png?a=1&b=2)",
            ("https://shop.example/hat.png?a=1&amp;b=2", "[A red hat]"),
        ),
        ("![](http://shop.example/pixel.gif)", ("http://shop.example/pixel.gif", "[pixel.gif]")),
        (
            "[![Logo](https://shop.example/logo.png)](https://shop.example/)",
            ("https://shop.example/logo.png", "[Logo]"),
        ),
    ],
)
def test_an_image_from_elsewhere_is_a_link_until_somebody_looks(
    alice: Agent, written: str, shown: tuple[str, str]
) -> None:
    seen = page(sign_in(alice), f"/tickets/{ticket(text=written).pk}/")
    address, label = shown
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">{label}</a>' in seen
    assert address not in re.findall(r'src="([^"]*)"', seen)


@pytest.mark.parametrize(
    "image",
    [
        "<img src=javascript:alert(1) alt='x'>", "<img src='data:image/png;base64,AAAA'>",
        '<img alt="" src=x onerror=alert(1)>',
        """<img src='https://a.example/" onmouseover="alert(1)'>""",
        "<img src=https://a.example/&quot;onclick=alert(1)>",
        "<IMG SRC=//evil.example/x>", "<img", "<img src=" + "'" * 9_000, "<img " + "src = " * 5_000 + ">",
    ],
)  # fmt: skip
def test_hostile_images_are_no_images_and_no_handlers(image: str) -> None:
    clean = texts.sanitize(f"<p>{image}</p>")
    assert "<img" not in clean
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', clean))
    assert "javascript:" not in re.sub(r">[^<]*<", "><", clean)
