"""The bell: agents hear of what concerns them, once, and never of what they may not see."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import Agent, Contact, Notification, Team
from accounts.permissions import ORDINARY, Permission
from activity.actor import system_actor
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import AgentFactory, at_the_web, role, ticket
from tests.robot import robot
from tests.tasks import do_queued
from tickets import actions
from tickets.actions.writing import Body

pytestmark = pytest.mark.django_db


def heard(agent: Agent) -> list[str]:
    """What stands under the agent's bell, the newest first: the sentence, then what it is about."""
    page = sign_in(agent).get("/notifications/").content.decode()
    told = re.findall(
        r'class="told-what">(.*?)</span><time.*?class="told-about">(.*?)</span>', page, re.DOTALL
    )
    plain = [re.sub(r"<span.*?</span>", "", f"{what} {about}") for what, about in told]
    return [html.unescape(one) for one in plain]


def bell(client: Client) -> str:
    page = client.get("/views/mine/").content.decode()
    found = re.search(r'data-unread="(\d+)"', page)
    assert found
    return found[1]


def test_agents_hear_of_what_concerns_them_once(
    alice: Agent, bob: Agent, carol: Contact, support: Team
) -> None:
    opened = ticket("Where is it?", contact=carol, team=support)
    actions.assign(opened, to=alice, actor=at_the_web(alice))  # Her own act is no news to her.
    note = "Ask @bob, @Alice, nobody@alice.example or @Alicette. `@Bob`"
    actions.note(opened, body=Body.from_markdown(note), actor=at_the_web(alice))
    do_queued(twice=True)
    assert heard(alice) == heard(bob) == []  # Bob may not see the ticket: so the note did not call him.

    actions.assign(opened, to=bob, actor=at_the_web(alice))
    actions.follow(opened, actor=at_the_web(alice))
    actions.note(
        opened, body=Body.from_markdown("Look, @BOB: and @alice@desk.example"), actor=at_the_web(alice)
    )
    robot(alice).post(f"/tickets/{opened.pk}/messages", {"body": "Still nothing.", "author": "contact"})
    do_queued(twice=True)
    about = f"#{opened.pk} Where is it?"
    assert heard(bob) == [
        f"Carol answered {about}",
        f"Alice mentioned you in a note {about}",
        f"Alice assigned a ticket to you {about}",
    ]
    assert heard(alice) == [f"Carol answered {about}"]  # Her key brought the answer; she follows the ticket.
    page = sign_in(bob).get("/views/mentions/").content.decode()
    assert f'id="row-{opened.pk}"' in page

    actions.assign(opened, to=None, actor=at_the_web(alice))
    do_queued()
    assert heard(bob) == []  # It left his reach.
    assert bell(sign_in(bob)) == "0"
    assert "Where is it?" not in sign_in(bob).get("/notifications/").content.decode()


def test_what_is_read_is_not_told_again(alice: Agent, root: Agent) -> None:
    for n in range(3):
        actions.assign(ticket(f"Matter {n}"), to=alice, actor=at_the_web(root))
    quiet = ticket("Imported", assignee=alice)
    do_queued()
    client = sign_in(alice)
    assert bell(client) == "4"
    assert client.get("/notifications/unread/?known=4").status_code == 204
    assert 'data-unread="4"' in client.get("/notifications/unread/?known=3").content.decode()

    first = Notification.objects.get(subject_label__contains="Matter 0")
    assert client.post(f"/notifications/{first.pk}/")["Location"] == f"/tickets/{first.subject_id}/"
    assert bell(client) == "3"
    assert sign_in(root).post(f"/notifications/{first.pk}/").status_code == 404  # It is not his.
    newest = Notification.objects.get(subject_id=quiet.pk).pk
    actions.assign(ticket("Meanwhile"), to=alice, actor=at_the_web(root))
    do_queued()
    sheet = client.post(
        "/notifications/read/", {"newest": newest}, headers={"HX-Request": "true", "HX-Target": "bell-sheet"}
    )
    assert 'id="bell-count" data-unread="1" hx-swap-oob="true"' in sheet.content.decode()
    client.post("/notifications/read/")
    assert bell(client) == "0"
    assert len(heard(alice)) == 5  # Read is not gone.


def test_rights_that_are_lost_silence_at_once(alice: Agent, root: Agent, carol: Contact) -> None:
    opened = ticket(contact=carol, assignee=alice, actor=system_actor())
    actions.note(opened, body=Body.from_markdown("canary-4711 @Alice"), actor=at_the_web(root))
    robot(root).post(f"/tickets/{opened.pk}/messages", {"body": "Hello?", "author": "contact"})
    do_queued()
    assert len(heard(alice)) == 3
    assert "accounts_notification" not in " ".join(tables_holding("canary-4711"))
    alice.role = role("No notes", permissions=sorted(ORDINARY - {Permission.NOTES_READ}))
    alice.save()
    assert [told.split(" #")[0] for told in heard(alice)] == [
        "Carol answered",
        "The helpdesk assigned a ticket to you",
    ]


def test_agents_choose_how_they_hear_of_each_kind(root: Agent) -> None:
    nina = AgentFactory(name="Nina", email=f"nina-{uuid.uuid4().hex[:12]}@desk.example")
    client = sign_in(nina)
    page = client.get("/settings/notifications/").content.decode()
    assert re.findall(r'name="([a-z_-]+)" checked', page) == [
        "shown-trigger", "shown-sla_near_breach", "shown-sla_breached", "shown-assigned", "shown-mentioned",
        "shown-contact_replied", "shown-proposed", "shown-reply_failed", "shown-reply_refused", "shown-text_left",
    ]  # fmt: skip
    client.post("/settings/notifications/", {"mailed-assigned": "on", "shown-mentioned": "on"})
    opened = ticket("A parcel\nlost")
    actions.assign(opened, to=nina, actor=at_the_web(root))
    robot(root).post(f"/tickets/{opened.pk}/messages", {"body": "Hello?", "author": "contact"})
    assert "accounts.mail_notification" in do_queued(twice=True)
    assert heard(nina) == []
    (message,) = (message for message in mail.outbox if nina.email in message.to)
    assert message.subject == f"Root assigned a ticket to you: #{opened.pk} A parcel lost"
    assert f"{settings.SITE_URL}/tickets/{opened.pk}/" in message.body
