"""Writing in the workspace: drafts that are kept, replies that can be taken back, and what happened meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from accounts.permissions import ORDINARY, Permission
from activity.actor import system_actor
from activity.models import Event
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import at_the_web, role, ticket
from tests.robot import robot
from tests.tasks import ten_seconds_pass
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Attachment, Category, Draft, Sharing, Status, Template, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def write(client: Client, opened: Ticket, body: str, kind: str = "reply", **fields: Any) -> Any:
    headers = fields.pop("headers", {})
    return client.post(
        f"/tickets/{opened.pk}/messages/", {"kind": kind, "body": body, **fields}, headers=headers
    )


def keep(client: Client, opened: Ticket, body: str, based_on: int = 0, **fields: Any) -> Any:
    form = {"kind": "reply", "body": body, "based_on": based_on, "writer": "laptop", **fields}
    return client.post(f"/tickets/{opened.pk}/draft/", form)


def page_of(client: Client, opened: Ticket) -> str:
    return client.get(f"/tickets/{opened.pk}/").content.decode()


def bodies(opened: Ticket) -> list[str]:
    return list(opened.messages.order_by("id").values_list("body_text", flat=True))[1:]


def test_a_reply_is_seen_by_its_writer_alone_until_it_goes_out(
    alice: Agent, root: Agent, carol: Contact
) -> None:
    opened, client = ticket(assignee=alice, contact=carol), sign_in(alice)
    events = Event.objects.count()
    write(client, opened, "canary-8811 **bold**", status=Status.objects.of(Category.SOLVED).pk)
    assert (bodies(opened), Event.objects.count()) == ([], events)
    own = page_of(client, opened)
    assert "<strong>bold</strong>" in own
    assert "Undo" in own
    assert "canary-8811" not in page_of(sign_in(root), opened)
    assert "canary-8811" not in robot(root).get(f"/tickets/{opened.pk}/messages").content.decode()
    assert tables_holding("canary-8811") == ["public.tickets_draft"]

    ten_seconds_pass()
    assert bodies(opened) == ["canary-8811 **bold**"]  # Once, although the task ran twice.
    opened.refresh_from_db()
    assert opened.category == Category.SOLVED
    told = Event.objects.about(opened).get(type="ticket.replied")
    assert (told.agent, told.door) == (alice, "web")
    assert not Draft.objects.exists()
    assert "canary-8811" in page_of(sign_in(root), opened)


def test_a_reply_that_is_taken_back_is_a_draft_again(alice: Agent, root: Agent) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    write(client, opened, "Too soon", attachments=[SimpleUploadedFile("a.txt", b"one")])
    held = Draft.objects.get()
    path = f"/tickets/{opened.pk}/outbox/{held.pk}/"
    assert sign_in(root).post(f"{path}take-back/").status_code == 302  # It is not his: nothing happens.
    assert Draft.objects.held().count() == 1
    keep(client, opened, "And another thing", kind="note")
    client.post(f"{path}take-back/")
    draft = Draft.objects.get()
    assert (draft.body, draft.kind, draft.send_at) == ("Too soon\n\nAnd another thing", "note", None)
    assert [file.name for file in draft.attachments.all()] == ["a.txt"]
    ten_seconds_pass()
    assert bodies(opened) == []
    page = page_of(client, opened)
    assert "Too soon\n\nAnd another thing</textarea>" in page
    assert "a.txt" in page

    write(client, opened, "Now", draft=draft.version, anyway="1")
    sent = Draft.objects.get()
    client.post(f"/tickets/{opened.pk}/outbox/{sent.pk}/")  # Not due, and nobody asked for it.
    assert bodies(opened) == []
    client.post(f"/tickets/{opened.pk}/outbox/{sent.pk}/", {"now": "1"})
    assert bodies(opened) == ["Now"]
    assert Attachment.objects.get().message == opened.messages.last()
    late = client.post(f"/tickets/{opened.pk}/outbox/{sent.pk}/take-back/", headers=HTMX)
    assert "gone out already" in late["HX-Trigger"]


def test_what_nobody_delivered_goes_out_with_the_housekeeping(alice: Agent) -> None:
    opened = ticket()
    write(sign_in(alice), opened, "Kept by the row")
    Draft.objects.update(send_at=timezone.now())
    actions.deliver_due()
    actions.deliver_due()
    assert bodies(opened) == ["Kept by the row"]


def test_a_reply_that_may_not_go_out_comes_back_and_says_why(alice: Agent, root: Agent) -> None:
    merged, lost, target, client = ticket("Merged"), ticket("Lost"), ticket("Target"), sign_in(alice)
    write(client, merged, "To the merged one")
    write(client, lost, "To the lost one")
    actions.merge(merged, into=target, actor=at_the_web(root))
    alice.role = role("Own only", permissions=sorted(ORDINARY), reach="own")
    alice.save()
    ten_seconds_pass()
    assert bodies(merged) == bodies(lost) == []
    page = client.get("/notifications/").content.decode()
    assert f"Ticket {merged.pk} was merged" in page or "may not see the ticket" in page
    assert page.count("Your reply did not go out") == 2
    shown = {}
    for draft in Draft.objects.all():
        shown[draft.ticket_id] = client.get(f"/drafts/{draft.pk}/").content.decode()
        assert sign_in(root).get(f"/drafts/{draft.pk}/").status_code == 404
    assert "To the lost one</textarea>" in shown[lost.pk]
    assert "To the merged one</textarea>" in shown[merged.pk]
    kept = {draft.ticket_id: f"/drafts/{draft.pk}/" for draft in Draft.objects.all()}
    assert client.get(f"/tickets/{lost.pk}/")["Location"] == kept[lost.pk]
    assert sign_in(alice).get(f"/tickets/{lost.pk + 1000}/").status_code == 404
    alice.role = role("Agent")
    alice.save()
    assert kept[merged.pk] in client.get(f"/tickets/{merged.pk}/").content.decode()


def test_what_was_being_written_in_a_deleted_ticket_stays_its_writers(
    alice: Agent, bob: Agent, root: Agent
) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    write(client, opened, "On its way", attachments=[SimpleUploadedFile("a.txt", b"one")])
    keep(client, opened, "And more")
    keep(sign_in(root), opened, "Root's own")
    actions.delete(opened, actor=at_the_web(root))
    ten_seconds_pass()
    assert f"Ticket {opened.pk} was deleted" in client.get("/notifications/").content.decode()
    place = client.get(f"/tickets/{opened.pk}/")["Location"]
    assert "On its way\n\nAnd more</textarea>" in client.get(place).content.decode()
    assert "a.txt" in client.get(place).content.decode()
    assert sign_in(root).post(place).status_code == 404

    version = Draft.objects.get(agent=alice).version
    last = keep(client, opened, "And the last words", version)
    assert (last.status_code, place in last.content.decode()) == (410, True)
    assert keep(client, opened, "From elsewhere", 0, writer="phone").status_code == 409
    assert "the last words</textarea>" in client.get(place).content.decode()
    only_here = keep(sign_in(bob), opened, "Never began")
    assert (only_here.status_code, "stands only here" in only_here.content.decode()) == (404, True)
    assert not Draft.objects.filter(agent=bob).exists()
    client.post(place)
    assert client.get(f"/tickets/{opened.pk}/").status_code == 404
    assert not Attachment.objects.exists()


def test_a_draft_is_kept_as_it_is_typed_and_found_on_another_machine(alice: Agent, root: Agent) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    assert keep(client, opened, "  ").json() == {"version": 0}
    assert keep(client, opened, "Dear", kind="note").json() == {"version": 1}
    assert keep(client, opened, "Dear Carol", 1, kind="note").json() == {"version": 2}
    elsewhere = page_of(sign_in(alice), opened)
    assert "Dear Carol</textarea>" in elsewhere
    assert re.search(r'value="note" checked', elsewhere)
    assert "row-draft" in sign_in(alice).get("/views/mine/").content.decode()
    assert "Dear Carol" not in page_of(sign_in(root), opened)
    assert "row-draft" not in sign_in(root).get("/views/open/").content.decode()

    # The other machine wrote on: the newer text wins, with a notice, and this one is still in its window.
    assert keep(client, opened, "Dear Carol, hello", 2, writer="phone").json() == {"version": 3}
    clash = keep(client, opened, "Dear Ms C", 1)
    assert clash.status_code == 409
    assert "Dear Carol, hello" in clash.content.decode()
    refused = write(client, opened, "Dear Ms C", draft=1, headers=HTMX)
    assert refused.status_code == 422
    assert "Dear Carol, hello" in refused.content.decode()
    assert bodies(opened) == []
    write(client, opened, "Dear Ms C", kind="note", draft=1, anyway="1")
    assert bodies(opened) == ["Dear Ms C"]
    assert not Draft.objects.exists()
    assert "sent already, or thrown away" in keep(client, opened, "Dear Carol, hello and", 3).content.decode()
    assert keep(client, opened, "Anew").json() == {"version": 1}
    assert keep(client, opened, "", 1).json() == {"version": 0}
    assert not Draft.objects.exists()


def test_what_one_window_sent_the_other_does_not_send_again(alice: Agent) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    keep(client, opened, "Dear Carol")
    write(client, opened, "Dear Carol", draft=1)
    again = write(client, opened, "Dear Carol", draft=1, headers=HTMX)
    assert again.status_code == 422
    assert "This was sent already" in again.content.decode()
    ten_seconds_pass()
    assert bodies(opened) == ["Dear Carol"]
    assert write(client, opened, "Dear Carol", draft=1, anyway="1", headers=HTMX).status_code == 200


def test_files_wait_with_the_draft_for_its_writer_alone(alice: Agent, root: Agent) -> None:
    opened, client = ticket(), sign_in(alice)
    path = f"/tickets/{opened.pk}/files/"
    arrived = client.post(path, {"kind": "reply", "file": SimpleUploadedFile("a.txt", b"one")})
    assert "a.txt" in arrived.content.decode()
    client.post(path, {"kind": "reply", "file": SimpleUploadedFile("b.txt", b"two")})
    first, second = Attachment.objects.order_by("id")
    assert client.get(f"/attachments/{first.pk}/").status_code == 200
    assert sign_in(root).get(f"/attachments/{first.pk}/").status_code == 404
    assert sign_in(root).post(f"{path}{first.pk}/remove/").status_code == 404
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=3))
    actions.forget_unsent_uploads()
    client.post(f"{path}{first.pk}/remove/")
    write(client, opened, "")  # A file alone is a message.
    ten_seconds_pass()
    message = opened.messages.last()
    assert message is not None
    assert [file.pk for file in message.attachments.all()] == [second.pk]
    assert client.post(f"{path}{second.pk}/remove/").status_code == 404
    assert client.post(path, {"kind": "reply"}).status_code == 422


def test_who_wrote_meanwhile_is_shown_before_anything_is_sent(
    alice: Agent, bob: Agent, billing: Team
) -> None:
    opened, client = ticket(team=billing), sign_in(alice)
    seen = opened.messages.get().pk
    actions.note(opened, body=Body.from_markdown("I am on it"), actor=at_the_web(bob))
    actions.receive(opened, body=Body.from_markdown("It has come!"), actor=system_actor())
    fragment = write(client, opened, "Where is it?", seen=seen, headers=HTMX).content.decode()
    for said in ("Somebody wrote meanwhile", "I am on it", "It has come!", "Send anyway"):
        assert said in fragment
    solved = Status.objects.of(Category.SOLVED)
    plain = write(client, opened, "Where is it?", seen=seen, status=solved.pk)
    assert f'<input type="hidden" name="status" value="{solved.pk}">' in plain.content.decode()
    assert "Where is it?</textarea>" in plain.content.decode()
    assert not Draft.objects.exists()
    write(client, opened, "Where is it?", seen=seen, anyway="1")
    assert Draft.objects.held().exists()
    newest = opened.messages.order_by("id").last()
    assert newest is not None
    own = write(client, opened, "n", kind="note", seen=newest.pk)
    assert own.status_code == 302
    assert write(client, opened, "one’s own is no news", kind="note", seen=newest.pk).status_code == 302


def test_how_one_sends_is_remembered(alice: Agent) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    solved = Status.objects.of(Category.SOLVED)
    sent = write(client, opened, "a", status=solved.pk, after="list")
    assert sent["Location"] == "/views/mine/"
    page = page_of(client, opened)
    assert re.search(rf'name="status" value="{solved.pk}" data-send>.*Send as solved', page)
    assert 'value="list" checked' in page
    assert write(client, opened, "n", kind="note", after="list")["Location"].startswith(
        f"/tickets/{opened.pk}/"
    )
    elsewhere = sign_in(alice)
    assert 'value="list" checked' in page_of(elsewhere, opened), "On her other machine, too."
    fragment = write(elsewhere, opened, "b", after="next", headers=HTMX)
    assert '"after": "next"' in fragment["HX-Trigger"]
    assert 'value="next" selected' in client.get("/settings/").content.decode()
    profile = {"name": "Alice", "after_sending": "stay", "sends_as": "pending"}
    assert client.post("/settings/", profile).status_code == 302
    page = page_of(elsewhere, opened)
    assert 'value="stay" checked' in page
    assert re.search(r"data-send>.*Send as pending", page)
    assert client.post("/settings/", profile | {"after_sending": "elsewhere"}).status_code == 422


def test_templates_are_filled_in_by_the_server(alice: Agent, bob: Agent, carol: Contact) -> None:
    opened, client = ticket("Lamp", contact=carol), sign_in(alice)
    fits = Template.objects.create(
        name="Thanks", body="Hello {{contact.name}}, {{ticket.subject}} {{agent.name}}"
    )
    secret = Template.objects.create(name="Mine", body="x", sharing=Sharing.PERSONAL, owner=bob)
    offered = client.get(f"/tickets/{opened.pk}/templates/").content.decode()
    assert "Thanks" in offered
    assert "Hello Carol, Lamp Alice" in offered
    assert "Mine" not in offered
    filled = client.get(f"/tickets/{opened.pk}/templates/{fits.pk}/")
    assert (filled.content.decode(), filled["Content-Type"]) == (
        "Hello Carol, Lamp Alice",
        "text/plain; charset=utf-8",
    )
    assert client.get(f"/tickets/{opened.pk}/templates/{secret.pk}/").status_code == 404
    alice.role = role("No contacts", permissions=sorted(ORDINARY - {Permission.CONTACTS_READ}))
    alice.save()
    refused = client.get(f"/tickets/{opened.pk}/templates/{fits.pk}/")
    assert refused.status_code == 422
    assert "contacts:read" in refused.content.decode()
    offered = client.get(f"/tickets/{opened.pk}/templates/").content.decode()
    assert "Hello {{contact.name}}, Lamp Alice" in offered


def test_the_preview_and_the_list_of_colleagues(alice: Agent, bob: Agent, root: Agent, support: Team) -> None:
    opened, client = ticket(team=support), sign_in(alice)
    composer = client.get(f"/tickets/{opened.pk}/").content.decode()
    asked = re.findall(r'data-preview="([^"]+)"', composer)
    shown = client.post(asked[0], {"body": "**x** <script>"}).content.decode()
    assert shown.strip() == "<p><strong>x</strong> &lt;script&gt;</p>"
    offered = client.get(f"/tickets/{opened.pk}/colleagues/").content.decode()
    names = re.findall(r'data-insert="@([^"]+)"', offered)
    assert names == ["Root", "Bob"]  # Bob does not see the ticket: last, and it says so.
    assert offered.count("will not hear of it") == 1


def test_nobody_writes_where_he_may_not(alice: Agent, bob: Agent, support: Team) -> None:
    opened = ticket(team=support)
    held = Draft.objects.create(ticket=opened, agent=alice, body="x", send_at=timezone.now())
    client = sign_in(bob)
    assert keep(client, opened, "x").status_code == 404
    for path in ("files/", "preview/", f"outbox/{held.pk}/", f"outbox/{held.pk}/take-back/"):
        assert client.post(f"/tickets/{opened.pk}/{path}").status_code in {302, 404}, path
    for path in ("templates/", "colleagues/"):
        assert client.get(f"/tickets/{opened.pk}/{path}").status_code == 404
    assert Draft.objects.get() == held
    alice.role = role("Reader", permissions=[Permission.TICKETS_READ, Permission.MESSAGES_READ])
    alice.save()
    assert keep(sign_in(alice), opened, "x").status_code == 403
