"""`/attachments` as a list, and taking back an upload that was never sent."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Agent, Team
from tests.factories import ticket
from tests.robot import Robot, reason, robot
from tickets.models import Attachment, Ticket
from tickets.models.attachment import private_storage

pytestmark = pytest.mark.django_db


def upload(r: Robot, name: str = "label.txt") -> int:
    file = SimpleUploadedFile(name, b"From here to there", "text/plain")
    answer = Client().post("/api/v1/attachments", {"file": file}, headers=r.bearer)
    return int(answer.json()["data"]["id"])


def inline(name: str) -> dict[str, str]:
    return {"name": name, "content": base64.b64encode(b"x").decode()}


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer.json()["data"]]


@pytest.fixture
def case(support: Team, alice: Agent) -> Ticket:
    """A ticket with a file in a reply and another in a note."""
    made = ticket(team=support)
    r = robot(alice)
    r.post(f"/tickets/{made.pk}/reply", {"body": "See.", "attachments": [inline("reply.txt")]})
    r.post(f"/tickets/{made.pk}/note", {"body": "See.", "attachments": [inline("note.txt")]})
    return made


def test_files_are_listed_by_ticket_and_by_message(case: Ticket, alice: Agent) -> None:
    r = robot(alice)
    upload(r, "mine.txt")
    ticket()
    assert names(r.get("/attachments")) == ["mine.txt", "note.txt", "reply.txt"]
    assert names(r.get(f"/attachments?ticket={case.pk}&sort=id")) == ["reply.txt", "note.txt"]
    message = Attachment.objects.get(name="note.txt").message_id
    assert names(r.get(f"/attachments?message={message}")) == ["note.txt"]
    assert names(r.get("/attachments?cursor=&per_page=1")) == ["mine.txt"]
    assert reason(r.get("/attachments?ticket=x")) == "invalid_parameter"


def test_the_files_of_notes_need_the_right_to_read_notes(case: Ticket, alice: Agent) -> None:
    r = robot(alice, access_level="custom", scopes=["messages:read", "tickets:read"])
    assert names(r.get("/attachments")) == ["reply.txt"]


def test_bob_lists_no_file_of_others(case: Ticket, alice: Agent, bob: Agent) -> None:
    waiting = upload(robot(alice), "hers.txt")
    his = robot(bob)
    upload(his, "his.txt")
    assert names(his.get("/attachments")) == ["his.txt"]
    assert names(his.get(f"/attachments?ticket={case.pk}")) == []
    assert his.delete(f"/attachments/{waiting}").status_code == 404
    assert Attachment.objects.filter(pk=waiting).exists()


def test_an_upload_is_taken_back_with_its_file(alice: Agent, django_capture_on_commit_callbacks: Any) -> None:
    r = robot(alice)
    number = upload(r)
    path = str(Attachment.objects.get(pk=number).file.name)
    with django_capture_on_commit_callbacks(execute=True):
        assert r.delete(f"/attachments/{number}").status_code == 204
    assert r.get(f"/attachments/{number}").status_code == 404
    assert not private_storage().exists(path)


def test_what_was_sent_stays(case: Ticket, alice: Agent) -> None:
    sent = Attachment.objects.get(name="reply.txt")
    answer = robot(alice).delete(f"/attachments/{sent.pk}")
    assert (answer.status_code, reason(answer)) == (409, "in_use")
    assert Attachment.objects.filter(pk=sent.pk).exists()


def test_a_reading_key_takes_nothing_back(alice: Agent) -> None:
    number = upload(robot(alice))
    answer = robot(alice, access_level="read").delete(f"/attachments/{number}")
    assert (answer.status_code, reason(answer)) == (403, "insufficient_scope")
