"""Working a ticket: writing, changing what is known about it, opening new ones. With and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import Agent, Contact, Reach, Team
from accounts.permissions import ORDINARY, Permission
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, role, ticket
from tests.tasks import ten_seconds_pass
from tickets import standing
from tickets.models import Category, Message, Priority, Status, Tag, Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def write(client: Client, opened: Ticket, body: str, kind: str = "reply", **fields: Any) -> Any:
    """Send it, and let the ten seconds pass in which it can be taken back."""
    form = {"kind": kind, "body": body, **fields}
    answer = client.post(f"/tickets/{opened.pk}/messages/?view=mine", form)
    ten_seconds_pass()
    return answer


def change(client: Client, opened: Ticket, field: str, value: Any, **headers: str) -> Any:
    path = f"/tickets/{opened.pk}/change/{field}/?view=mine"
    return client.post(path, {"value": value}, headers=headers)


def test_a_reply_is_a_public_message_of_the_agent(alice: Agent) -> None:
    opened = ticket(assignee=alice)
    answer = write(sign_in(alice), opened, "Dear Carol, **yes**.")
    assert answer["Location"] == f"/tickets/{opened.pk}/?view=mine"
    message = opened.messages.last()
    assert message is not None
    assert (message.kind, message.direction, message.agent, message.door) == ("reply", "out", alice, "web")
    assert "<strong>yes</strong>" in message.body_html
    assert Event.objects.about(opened).get(type="ticket.replied").agent == alice


def test_a_note_is_for_colleagues(alice: Agent) -> None:
    opened = ticket()
    write(sign_in(alice), opened, "Careful", kind="note", status=Status.objects.of(Category.SOLVED).pk)
    message = opened.messages.last()
    assert message is not None
    assert message.is_note
    opened.refresh_from_db()
    assert opened.category == Category.OPEN  # A note never carries a status.


def test_sending_and_solving_is_one_step(alice: Agent) -> None:
    opened = ticket()
    write(sign_in(alice), opened, "Done.", status=Status.objects.of(Category.SOLVED).pk)
    opened.refresh_from_db()
    assert opened.category == Category.SOLVED


def test_files_go_with_the_message(alice: Agent) -> None:
    opened = ticket()
    files = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("../../b.txt", b"two")]
    write(sign_in(alice), opened, "", attachments=files)
    message = opened.messages.last()
    assert message is not None
    assert sorted(message.attachments.values_list("name", "size")) == [("a.txt", 3), ("b.txt", 3)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": " "}, "Write something, or attach a file."),
        ({"body": "x" * 100_001}, "at most 100,000 characters"),
        ({"body": "kept", "kind": "shout"}, "shout"),
        ({"body": "kept", "status": 999}, "Select a valid choice"),
    ],
)
def test_what_was_written_survives_a_refusal(alice: Agent, fields: dict[str, Any], said: str) -> None:
    opened = ticket()
    form = {"kind": "reply", **fields}
    client, path = sign_in(alice), f"/tickets/{opened.pk}/messages/"
    plain = client.post(path, form)
    assert plain.status_code == 422
    assert said in plain.content.decode()
    assert f">{form['body']}</textarea>" in plain.content.decode()
    fragment = client.post(path, form, headers=HTMX)
    assert (fragment.status_code, fragment["HX-Retarget"]) == (422, "#composer-errors")
    assert said in fragment.content.decode()
    assert Message.objects.filter(ticket=opened).count() == 1


def test_a_file_that_is_too_large_is_refused_by_name(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.forms.fields.MAX_FILE", 10)
    opened = ticket()
    answer = write(sign_in(alice), opened, "kept", attachments=[SimpleUploadedFile("big.bin", b"x" * 11)])
    assert answer.status_code == 422
    assert "big.bin is too large" in answer.content.decode()
    assert "kept</textarea>" in answer.content.decode()


def test_with_scripts_only_the_changed_parts_come_back(alice: Agent) -> None:
    opened = ticket(assignee=alice)
    answer = sign_in(alice).post(
        f"/tickets/{opened.pk}/messages/?view=mine",
        {"kind": "reply", "body": "There", "status": Status.objects.of(Category.SOLVED).pk},
        headers=HTMX,
    )
    page = answer.content.decode()
    assert "message-sent" in answer["HX-Trigger"]
    assert answer["HX-Reswap"] == "none"
    assert "<html" not in page
    parts = ["ticket-head", "panel", "timeline", "outbox", f"row-{opened.pk}"]
    changed = re.findall(r'id="([a-z0-9-]+)"[^>]* hx-swap-oob', page)
    assert set(parts) <= set(changed)
    assert {part for part in changed if part.startswith("count-")} == {
        f"count-{view}" for view in standing.VIEWS
    }
    assert 'id="count-mine" hx-swap-oob="true">1<' in page  # Solved when the reply has gone out.


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_every_property_is_changed_by_a_small_form(
    alice: Agent, bob: Agent, support: Team, headers: dict[str, str]
) -> None:
    opened, client = ticket(), sign_in(alice)
    pending = Status.objects.of(Category.PENDING)
    changes: dict[str, tuple[Any, Any]] = {
        "status": (pending.pk, pending),
        "priority": (4, Priority.URGENT),
        "assignee": (bob.pk, bob),
        "team": (support.pk, support),
        "subject": ("Anew", "Anew"),
    }
    for field, (sent, expected) in changes.items():
        assert client.get(f"/tickets/{opened.pk}/change/{field}/").status_code == 200
        assert change(client, opened, field, sent, **headers).status_code == (200 if headers else 302)
        assert getattr(Ticket.objects.get(pk=opened.pk), field) == expected
    change(client, opened, "assignee", "")
    change(client, opened, "team", "")
    opened.refresh_from_db()
    assert (opened.assignee, opened.team) == (None, None)
    assert {e.door for e in Event.objects.about(opened).exclude(type="ticket.opened")} == {"web"}


def test_tags_are_ticked_unticked_and_invented(alice: Agent) -> None:
    opened = ticket(tags=[TagFactory(name="old"), TagFactory(name="kept")])
    path = f"/tickets/{opened.pk}/change/tags/"
    sign_in(alice).post(path, {"value": ["kept"], "new": " Late  Delivery, refund,,refund"})
    assert sorted(tag.name for tag in opened.tags.all()) == ["kept", "late delivery", "refund"]


def test_inventing_tags_takes_a_right(alice: Agent) -> None:
    alice.role = role("No new tags", permissions=sorted(ORDINARY - {Permission.TAGS_WRITE}))
    alice.save()
    opened, client = ticket(), sign_in(alice)
    path = f"/tickets/{opened.pk}/change/tags/"
    TagFactory(name="known")
    assert client.post(path, {"value": ["known"]}).status_code == 302
    assert client.post(path, {"new": "unheard of"}).status_code == 403
    assert not Tag.objects.filter(name="unheard of").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", ""), ("status", "x"), ("priority", "9"), ("assignee", "999"), ("team", "x"), ("subject", " "),
     ("subject", "x" * 251), ("tags", "never seen")],
)  # fmt: skip
def test_what_is_not_on_offer_is_refused(alice: Agent, field: str, value: str) -> None:
    opened = ticket()
    answer = change(sign_in(alice), opened, field, value)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert Ticket.objects.get(pk=opened.pk).version == opened.version


def test_inactive_and_service_agents_are_not_on_offer(alice: Agent) -> None:
    AgentFactory(name="Gone", is_active=False)
    AgentFactory(name="Bot", kind="service")
    page = sign_in(alice).get(f"/tickets/{ticket().pk}/change/assignee/").content.decode()
    assert "Alice (me)" in page
    assert ">Gone<" not in page
    assert ">Bot<" not in page


def test_tickets_have_no_other_properties(alice: Agent) -> None:
    assert sign_in(alice).get(f"/tickets/{ticket().pk}/change/version/").status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_ticket_moved_out_of_reach_says_goodbye(
    bob: Agent, support: Team, billing: Team, headers: dict[str, str]
) -> None:
    opened, client = ticket(team=billing), sign_in(bob)
    answer = change(client, opened, "team", support.pk, **headers)
    assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == "/views/mine/"
    assert "now out of your reach" in client.get("/views/mine/").content.decode()


def test_whoever_sees_only_his_own_can_still_hand_a_ticket_over(bob: Agent, alice: Agent) -> None:
    bob.role = role("Own only", permissions=sorted(ORDINARY), reach=Reach.OWN)
    bob.save()
    opened = ticket(assignee=bob)
    assert change(sign_in(bob), opened, "assignee", alice.pk).status_code == 302
    assert Ticket.objects.get(pk=opened.pk).assignee == alice


NEW = {
    "email": "Carol@customer.example",
    "name": "Carol",
    "subject": "Rang about a parcel",
    "body": "She waits since Monday.",
    "author": "contact",
    "priority": "3",
    "tags": "phone, parcel",
}


def test_alice_writes_down_what_carol_said_on_the_phone(alice: Agent, carol: Contact, support: Team) -> None:
    answer = sign_in(alice).post("/tickets/new/", NEW | {"team": support.pk, "assignee": alice.pk})
    opened = Ticket.objects.get()
    assert answer["Location"] == f"/tickets/{opened.pk}/"
    assert (opened.contact, opened.team, opened.assignee, opened.priority) == (
        carol,
        support,
        alice,
        Priority.HIGH,
    )
    message = opened.messages.get()
    assert (message.contact, message.direction) == (carol, "in")
    assert {tag.name for tag in opened.tags.all()} == {"phone", "parcel"}


def test_alice_writes_first_to_somebody_new(alice: Agent) -> None:
    sign_in(alice).post("/tickets/new/", NEW | {"email": "new@customer.example", "author": "agent"})
    opened = Ticket.objects.get()
    assert opened.contact.name == "Carol"
    assert opened.messages.get().agent == alice


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("subject", " "),
        ("body", ""),
        ("priority", "7"),
        ("team", "99"),
        ("tags", "x" * 61),
    ],
)
def test_a_new_ticket_that_is_refused_keeps_what_was_typed(alice: Agent, field: str, value: str) -> None:
    answer = sign_in(alice).post("/tickets/new/", NEW | {field: value})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert ("She waits since Monday." in answer.content.decode()) == (field != "body")
    assert not Ticket.objects.exists()
    assert not Contact.objects.exists()


def test_a_new_ticket_for_a_known_contact_starts_with_the_address(alice: Agent, carol: Contact) -> None:
    assert (
        "carol@customer.example" in sign_in(alice).get(f"/tickets/new/?contact={carol.pk}").content.decode()
    )
    assert sign_in(alice).get("/tickets/new/?contact=999").status_code == 404


def test_a_new_ticket_for_another_team_is_opened_although_it_is_out_of_sight(
    bob: Agent, support: Team
) -> None:
    client = sign_in(bob)
    assert client.post("/tickets/new/", NEW | {"team": support.pk})["Location"] == "/"
    assert "in a queue that you do not see" in client.get("/views/mine/").content.decode()
    assert Ticket.objects.get().team == support


def test_light_agents_open_no_tickets(alice: Agent) -> None:
    alice.role = role("Light agent", reach=Reach.ALL)
    alice.save()
    client = sign_in(alice)
    assert client.get("/tickets/new/").status_code == 403
    page = client.get(f"/tickets/{ticket().pk}/").content.decode()
    assert 'data-only="note"' in page
    assert "/change/" not in page


def test_what_is_too_long_for_a_request_is_told_in_words(alice: Agent) -> None:
    answer = write(sign_in(alice), ticket(assignee=alice), "x" * 3_000_000)
    assert answer.status_code == 400
    assert "too long to be sent" in answer.content.decode()


def test_a_fault_of_ours_is_told_with_a_number_under_which_it_is_found(
    alice: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    alices, mine = sign_in(alice), ticket(assignee=alice)
    alices.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_message RENAME TO tickets_elsewhere")
    answer = alices.get(f"/tickets/{mine.pk}/", headers={"accept-language": "de"})
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "in diesem Browser aufbewahrt" in answer.content.decode()
    assert answer["X-Request-ID"] in caplog.text


def test_forms_need_their_token(alice: Agent) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    opened = ticket()
    assert write(strict, opened, "x").status_code == 403
    assert change(strict, opened, "priority", 4).status_code == 403
    assert strict.post("/tickets/new/", NEW).status_code == 403
    assert strict.post("/sign-out/").status_code == 403
