"""One ticket: its conversation and history in plain words, for those who may read them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from accounts.permissions import ORDINARY, Permission
from activity.actor import Actor, Door, Grant
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Attachment, Category, Priority, Status, Ticket

pytestmark = pytest.mark.django_db


def with_key(agent: Agent, name: str = "CRM sync") -> Actor:
    """A key acting as the agent."""
    return Actor(Door.API, agent=agent, grant=Grant("key", 7, name, frozenset(ORDINARY)))


def text_of(agent: Agent, opened: Ticket, query: str = "") -> str:
    answer = sign_in(agent).get(f"/tickets/{opened.pk}/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_messages_notes_and_events_stand_in_order(
    alice: Agent, bob: Agent, carol: Contact, support: Team
) -> None:
    opened = ticket("Where is it?", "First words", contact=carol)
    by_alice = at_the_web(alice)
    actions.assign(opened, to=alice, actor=by_alice)
    actions.note(opened, body=Body.from_markdown("Second words"), actor=by_alice)
    actions.reply(opened, body=Body.from_markdown("Third words"), actor=by_alice)
    actions.set_status(opened, status=Status.objects.of(Category.SOLVED), actor=by_alice)
    actions.set_status(opened, status=Status.objects.of(Category.OPEN), actor=by_alice)
    actions.set_priority(opened, priority=Priority.HIGH, actor=by_alice)
    actions.set_tags(opened, tags=[TagFactory(name="a"), TagFactory(name="b")], actor=by_alice)
    actions.set_tags(opened, tags=[TagFactory(name="a")], actor=by_alice)
    actions.edit_subject(opened, subject="Where is she?", actor=by_alice)
    actions.link_external(opened, external_id="SHOP-1 100%", actor=by_alice)
    actions.move_to_team(opened, team=support, actor=by_alice)
    actions.assign(opened, to=bob, actor=by_alice)
    actions.assign(opened, to=None, actor=by_alice)
    story = [
        "The helpdesk opened the ticket",
        "First words",
        "Alice took the ticket",
        "Internal note",
        "Second words",
        "Third words",
        "Alice set the status to Solved",
        "Alice set the status to Open",
        "Alice set the priority to High",
        "Alice added the tags a, b",
        "Alice removed the tag b",
        "Alice edited the subject",
        "Alice set the external id to SHOP-1 100%",
        "Alice moved the ticket to the team Support",
        "Alice assigned the ticket to Bob",
        "Alice took the assignee away",
    ]
    page = text_of(alice, opened)
    places = [page.find(line, page.find('id="timeline"')) for line in story]
    assert -1 not in places, story[places.index(-1)]
    assert places == sorted(places)


def test_what_a_key_did_is_shown_with_its_name(alice: Agent) -> None:
    opened = ticket(actor=with_key(alice, "Shop sync"))
    actions.reply(opened, body=Body.from_markdown("From a program"), actor=with_key(alice))
    page = text_of(alice, opened)
    assert "Alice opened the ticket" in page
    assert "via Shop sync, as Alice" in page
    assert "via CRM sync, as Alice" in page


def test_a_ticket_out_of_reach_does_not_exist(bob: Agent, support: Team) -> None:
    foreign = ticket("A secret", team=support)
    client = sign_in(bob)
    unseen, unmade = client.get(f"/tickets/{foreign.pk}/"), client.get("/tickets/999999/")
    assert unseen.status_code == unmade.status_code == 404
    assert unseen.content.decode().replace(str(foreign.pk), "…") == unmade.content.decode().replace(
        "999999", "…"
    )
    assert client.get(f"/tickets/{10**30}/").status_code == 404
    assert client.post(f"/tickets/{foreign.pk}/messages/", {"kind": "reply", "body": "x"}).status_code == 404
    assert client.post(f"/tickets/{foreign.pk}/change/status/", {"value": 1}).status_code == 404
    assert client.get(f"/tickets/{foreign.pk}/change/status/").status_code == 404


def test_notes_are_for_those_who_may_read_notes(alice: Agent) -> None:
    opened = ticket(assignee=alice)
    actions.note(opened, body=Body.from_markdown("canary"), actor=at_the_web(alice))
    assert "canary" in text_of(alice, opened)
    alice.role = role(
        "No notes", permissions=sorted(ORDINARY - {Permission.NOTES_READ, Permission.NOTES_WRITE})
    )
    alice.save()
    page = text_of(alice, opened)
    assert "canary" not in page
    assert 'value="note"' not in page


def test_what_may_not_be_done_is_not_offered(db: None) -> None:
    opened = ticket()
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=[Permission.TICKETS_READ]))
    page = text_of(reader, opened)
    assert "/change/" not in page
    assert "<textarea" not in page
    assert "The role Reader of Reader lacks the permission messages:write." in page
    assert "lacks the permission tickets:write" in page
    client = sign_in(reader)
    for path, form in (
        ("messages/", {"kind": "reply", "body": "x"}),
        ("change/status/", {"value": opened.status_id}),
    ):
        answer = client.post(f"/tickets/{opened.pk}/{path}", form)
        assert answer.status_code == 403
        assert "lacks the permission" in answer.content.decode()


def test_admins_find_the_way_to_the_history(alice: Agent, root: Agent) -> None:
    opened = ticket()
    assert f"/admin/tickets/ticket/{opened.pk}/change/" in text_of(root, opened)
    assert "/admin/" not in text_of(alice, opened)


def test_the_page_works_alone_and_with_its_list(alice: Agent) -> None:
    opened, other = ticket("The one", assignee=alice), ticket("The other", assignee=alice)
    assert "The other" in text_of(alice, opened)
    found = text_of(alice, opened, "?q=other")
    assert f'id="row-{other.pk}"' in found
    assert f'id="row-{opened.pk}"' not in found
    fragment = sign_in(alice).get(
        f"/tickets/{opened.pk}/?view=open", headers={"HX-Request": "true", "HX-Target": "main"}
    )
    assert "<html" not in fragment.content.decode()
    assert "<title>" in fragment.content.decode()


def test_a_ticket_costs_as_many_queries_for_many_messages_as_for_one(alice: Agent, support: Team) -> None:
    opened = ticket(assignee=alice, team=support, tags=[TagFactory()])
    client = sign_in(alice)
    with CaptureQueriesContext(connection) as one:
        client.get(f"/tickets/{opened.pk}/?view=mine")
    for n in range(30):
        file = File("a.txt", "text/plain", b"x")
        actions.reply(opened, body=Body.from_markdown(f"{n}"), actor=at_the_web(alice), attachments=[file])
        actions.set_priority(opened, priority=Priority(n % 3 + 1), actor=at_the_web(alice))
        ticket(assignee=alice, contact=opened.contact)
    actions.attach_to_draft(opened, file, kind="reply", actor=at_the_web(alice))
    with CaptureQueriesContext(connection) as many:
        client.get(f"/tickets/{opened.pk}/?view=mine")
    assert len(one) == len(many) <= 12


def test_a_very_long_ticket_opens_with_its_newest_messages(alice: Agent) -> None:
    opened = ticket(text="message number 0.")
    for n in range(1, 105):
        actions.reply(opened, body=Body.from_markdown(f"message number {n}."), actor=at_the_web(alice))
    page = text_of(alice, opened)
    assert "message number 104." in page
    assert "message number 4." not in page
    assert "Show the earlier messages" in page
    assert "message number 4." in text_of(alice, opened, "?view=mine&show=whole")


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_hostile_names_subjects_and_files_are_text(alice: Agent, carol: Contact) -> None:
    carol.name = HOSTILE
    carol.save()
    opened = ticket(f"s {HOSTILE}", f"b {HOSTILE} [x](javascript:alert(3))", contact=carol, assignee=alice,
                    actor=with_key(alice, HOSTILE), tags=[TagFactory(name=HOSTILE.lower())],
                    attachments=[File(HOSTILE, "text/html", b"<script>")])  # fmt: skip
    page = text_of(alice, opened)
    assert "<script>alert" not in page
    assert "<img" not in page.replace('<img src="/static/', "")
    assert 'href="javascript:' not in page


def test_a_file_is_handed_out_to_be_saved_only(alice: Agent) -> None:
    file = File('so "me".html', "text/html", b"<script>alert(1)</script>")
    opened = ticket(attachments=[file], actor=at_the_web(alice))
    attachment = Attachment.objects.get(message__ticket=opened)
    assert "25 bytes" in text_of(alice, opened).replace("\xa0", " ")
    answer = sign_in(alice).get(f"/attachments/{attachment.pk}/")
    assert answer.getvalue() == file.content
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_files_follow_their_message(alice: Agent, bob: Agent, support: Team) -> None:
    opened = ticket(team=support)
    note = actions.note(
        opened, body=Body.from_markdown("n"), actor=at_the_web(alice), attachments=[File("a", "", b"x")]
    )
    path = f"/attachments/{note.attachments.get().pk}/"
    assert sign_in(alice).get(path).status_code == 200
    assert sign_in(bob).get(path).status_code == 404
    alice.role = role("No notes", permissions=sorted(ORDINARY - {Permission.NOTES_READ}))
    alice.save()
    assert sign_in(alice).get(path).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_a_fault_of_the_page(alice: Agent) -> None:
    opened = ticket(attachments=[File("a", "", b"x")], actor=at_the_web(alice))
    attachment = Attachment.objects.get(message__ticket=opened)
    attachment.file.storage.delete(str(attachment.file.name))
    assert sign_in(alice).get(f"/attachments/{attachment.pk}/").status_code == 404
