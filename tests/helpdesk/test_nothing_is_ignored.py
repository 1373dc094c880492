"""What a program sends is honoured or refused with a sentence that says what to do, and never passed over."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Agent, Contact, Team
from tests import factories
from tests.robot import ask, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_what_is_sent_where_it_means_nothing_is_refused(alice: Agent, carol: Contact, support: Team) -> None:
    r, ticket = robot(alice), factories.ticket(contact=carol, team=support)
    path = f"/tickets/{ticket.pk}"
    for method, address, why in (
        ("patch", f"{path}?include=contact", "unknown_parameter"),
        ("post", "/tickets?status=open", "unknown_parameter"),
        ("get", "/me?format=api", "unknown_parameter"),
        ("get", "/openapi.json?fro=me", "unknown_parameter"),
        ("get", "/tickets?cursor=&page=2", "invalid_parameter"),
        ("get", "/tickets?count=2&per_page=3", "invalid_parameter"),
    ):
        answer = ask(method, address, {"priority": "urgent"} if method != "get" else None, headers=r.bearer)
        assert (answer.status_code, reason(answer)) == (400, why), address
    body = r.post(f"{path}/unmerge", {"into": 7})
    assert (body.status_code, reason(body)) == (422, "unknown_field")
    assert "Leave it out" in body.json()["error"]["fields"]["into"][0]["message"]
    assert r.post("/tickets/999999/unmerge", {"into": 7}).status_code == 404
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version


@pytest.mark.parametrize("prefer", ["dryrun", "dry_run", "dry-run=1", "dry-run; wait=5", "Dry-Run, wait=5"])
def test_who_means_to_try_changes_nothing(prefer: str, alice: Agent, carol: Contact, support: Team) -> None:
    ticket = factories.ticket(contact=carol, team=support)
    answer = robot(alice).patch(f"/tickets/{ticket.pk}", {"priority": "urgent"}, Prefer=prefer)
    assert answer.json()["data"]["priority"] == "urgent"
    assert answer.headers["Preference-Applied"] == "dry-run"
    assert Ticket.objects.get(pk=ticket.pk).priority == ticket.priority


def test_other_methods_are_refused_by_name_also_without_a_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    for path in ("/api/docs", "/api/browser", "/api/v1/openapi.json", "/api/v1/me"):
        answer = client.post(path, {}, "application/json")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD"), path
    assert "POST is not understood here. Methods are: GET, HEAD." in answer.json()["error"]["message"]
    assert "Allow" not in client.get("/api/v1/nowhere").headers
    assert client.get("/api/v2/docs/").status_code == 200


def test_a_file_is_not_sent_twice(alice: Agent) -> None:
    r = robot(alice)
    file = SimpleUploadedFile("a.txt", b"Hello")
    made = Client().post("/api/v1/attachments", {"file": file}, headers=r.bearer).json()["data"]
    path = f"/attachments/{made['id']}/download"
    etag = r.get(path).headers["ETag"]
    again = r.get(path, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    wrong = r.post("/attachments", {"name": "a.txt"}).json()["error"]
    assert (wrong["status"], wrong["message"]) == (415, "Send the body as multipart/form-data.")


def test_what_was_written_tells_one_story(alice: Agent) -> None:
    r = robot(alice)
    opened = {
        "subject": "Hello",
        "message": "We call you.",
        "contact": "dora@customer.example",
        "author": "agent",
    }
    made = r.post("/tickets", opened).json()["data"]
    assert made["created_at"] == made["updated_at"] == made["first_replied_at"]
    dora = f"/contacts/{made['contact']}"
    assert r.patch(dora, {"language": "DE_at"}).json()["data"]["language"] == "de-AT"
    assert "language" in r.patch(dora, {"language": "german"}).json()["error"]["fields"]


def test_what_cannot_be_read_is_told_in_words(alice: Agent) -> None:
    r = robot(alice)
    for body, told in (
        (b'{"subject": "\xff"}', "Its byte 14 is not UTF-8."),
        (b'{"subject": ' + b"9" * 5000 + b"}", "a number has 5000 digits, more than 1000"),
    ):
        answer = Client().post("/api/v1/tickets", body, "application/json", headers=r.bearer)
        assert (answer.status_code, reason(answer)) == (400, "invalid_json")
        assert told in answer.json()["error"]["message"]
    with_mark = Client().post("/api/v1/tickets", b"\xef\xbb\xbf{}", "application/json", headers=r.bearer)
    assert with_mark.json()["error"]["fields"].keys() == {"subject", "contact"}
