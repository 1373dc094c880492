"""What a hostile client sends to the API: documented errors, no door beside the door, no work without end."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from accounts.api.views import ApiView
from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from helpdesk.api.urls import paths
from orders import actions as orders
from tests.factories import AgentFactory, TagFactory, role, ticket
from tests.robot import ask, reason, robot
from tickets import actions, text
from tickets.models import Tag, Ticket

NEW = {"subject": "Help", "message": "Please.", "contact": "carol@customer.example"}


def _raw(agent: Agent, path: str, body: bytes) -> Any:
    from django.test import Client

    client = Client(raise_request_exception=False)
    headers = robot(agent).bearer
    return client.post(f"/api/v1{path}", data=body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    "field", ['"author": "\\ud800"', '"\\ud800": 1', '"attachments": [{"name": "a", "\\udfff": 1}]']
)
def test_half_a_character_that_is_repeated_in_an_error_is_no_server_error(alice: Agent, field: str) -> None:
    body = json.dumps(NEW)[:-1] + f", {field}}}"
    response = _raw(alice, "/tickets", body.encode())
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("path", "cursor"),
    [
        ("/tickets?sort=-id", b'["-id", Infinity, 1]'),
        ("/tickets?sort=priority", b'["priority", 1e999, 1]'),
        ("/contacts?sort=id", b'["id", Infinity, 1]'),
        ("/tags?sort=name", b'["name", "\\ud800", 1]'),
        ("/tags?sort=name", b'["name", "\\u0000", 1]'),
    ],
)
def test_a_forged_cursor_is_refused(alice: Agent, path: str, cursor: bytes) -> None:
    forged = base64.urlsafe_b64encode(cursor).decode().rstrip("=")
    response = robot(alice).get(f"{path}&cursor={forged}")
    assert response.status_code == 400


@pytest.mark.parametrize(
    "pattern",
    ["<a ", "<a b='", "<!--", "<", "</", "<![CDATA[", "<script>", "&#", "<b></i>", "<aaaaaaaaaaaaaaaa", "<?"],
)
@pytest.mark.parametrize("before", ["", "<div>" * 70])
def test_no_html_takes_long_to_clean(pattern: str, before: str) -> None:
    html = (before + pattern * text.MAX_BODY)[: text.MAX_BODY]
    start = time.process_time()
    text.text_from_html(text.sanitize(html))
    assert time.process_time() - start < 3


def test_one_endless_name_of_a_tag_takes_no_longer() -> None:
    start = time.process_time()
    text.sanitize("<div>" * 70 + "<" + "a" * 90_000)
    assert time.process_time() - start < 1


def test_html_that_is_too_deep_keeps_its_words() -> None:
    deep = "<div>" * 100 + "<p>Tom &amp; <b>Ann</b></p><p>&#" + "9" * 5000 + "; </p>"
    shown = text.sanitize(deep)
    assert text.text_from_html(shown).startswith("Tom & Ann\n")


def test_closing_what_is_not_open_hides_no_depth() -> None:
    assert text.sanitize("<b></i>" * 200 + "x").startswith("<pre>")


def test_brackets_without_end_are_text() -> None:
    start = time.process_time()
    assert text.html_from_markdown("![" * 50_000).startswith("<pre>")
    assert time.process_time() - start < 1


def test_a_ticket_takes_so_many_tags_and_no_more(alice: Agent) -> None:
    names = [f"tag {n}" for n in range(41)]
    response = robot(alice).post("/tickets", NEW | {"tags": names})
    assert response.status_code == 422
    assert "tags" in response.json()["error"]["fields"]
    assert not Tag.objects.exists()
    assert robot(alice).post("/tickets", NEW | {"tags": names[:40]}).status_code == 201


def test_a_denied_operation_is_denied_by_every_operation_that_would_do_the_same(alice: Agent) -> None:
    opened = ticket()
    status = robot(alice, tags=["*", "-tickets.status"])
    for path in (f"/tickets/{opened.pk}/reply", f"/tickets/{opened.pk}/messages"):
        response = status.post(path, {"body": "Done.", "status": "solved"})
        assert (response.status_code, response.json()["error"]["decided_by"]) == (403, "tag")
    assert status.post(f"/tickets/{opened.pk}/reply", {"body": "Soon."}).status_code == 201
    create = robot(alice, tags=["*", "-tickets.create"])
    assert create.put("/tickets/external/A-1", NEW).status_code == 403
    assert not Ticket.objects.filter(external_id="A-1").exists()
    actions.link_external(opened, external_id="B-1", actor=system_actor())
    update = robot(alice, tags=["*", "-tickets.update"])
    assert update.put("/tickets/external/B-1", {"subject": "Mine"}).status_code == 403


def test_what_a_call_also_does_may_be_denied_by_name(alice: Agent, carol: Contact) -> None:
    opened, known = ticket(contact=carol), TagFactory(name="known")
    calls: list[tuple[str, str, Mapping[str, object], Mapping[str, object]]] = [
        ("tags.create", "/tickets", NEW | {"tags": ["known"]}, NEW | {"tags": ["new"]}),
        ("tags.create", f"/tickets/{opened.pk}/tags", {"tags": ["known"]}, {"tags": ["new"]}),
        ("tickets.reply", "/tickets", NEW, NEW | {"author": "agent"}),
        ("contacts.create", "/tickets", NEW, NEW | {"contact": "new@customer.example"}),
        (
            "contacts.create",
            "/orders",
            {"external_id": "1"},
            {"external_id": "2", "contact": "new@customer.example"},
        ),
    ]
    for operation, path, allowed, denied in calls:
        key = robot(alice, tags=["*", f"-{operation}"])
        answer = key.post(path, denied)
        assert (answer.status_code, answer.json()["error"].get("operation")) == (403, operation), path
        assert key.post(path, allowed).status_code in {200, 201}, path
    bulk = robot(alice, tags=["*", "-tags.create"])
    told = bulk.post("/tickets/bulk", {"ids": [opened.pk], "tags": {"add": ["new"]}}).json()["data"][0]
    assert (told["outcome"], told["error"]["decided_by"]) == ("refused", "tag")
    assert list(Tag.objects.all()) == [known]


def test_every_repeatable_request_about_a_row_asks_for_the_row_again() -> None:
    """A view of such a path that does not say which rows it names fails when an answer is to be repeated."""
    for path, view in paths():
        if "{id}" in path and "POST" in view.operations:
            assert view.named is not ApiView.named, path


def test_a_repeat_tells_nothing_of_an_order_that_went_out_of_reach(
    billing: Team, support: Team, carol: Contact
) -> None:
    rights = ["orders:read", "orders:write", "order_notes:write", "tickets:read"]
    clerk = role("Clerk", permissions=rights, reach="teams")
    worker = AgentFactory(name="Wanda", teams=[billing], role=clerk)
    case = ticket(team=billing)
    order = orders.create(external_id="1042", ticket=case, actor=system_actor())
    key = robot(worker)
    calls = [("tracking", {"number": "CANARY"}), ("notes", {"text": "CANARY"})]
    for path, body in calls:
        for _ in range(2):
            answer = key.post(f"/orders/{order.pk}/{path}", body, **{"Idempotency-Key": path})
            assert answer.status_code in {200, 201}
    actions.move_to_team(case, team=support, actor=system_actor())
    for path, body in calls:
        repeat = key.post(f"/orders/{order.pk}/{path}", body, **{"Idempotency-Key": path})
        assert (repeat.status_code, b"CANARY" in repeat.content) == (404, False)


def test_upsert_without_a_message_changes_the_ticket(alice: Agent) -> None:
    opened = ticket(external_id="B-1")
    assert robot(alice).put("/tickets/external/B-1", {"subject": "New"}).status_code == 200
    opened.refresh_from_db()
    assert opened.subject == "New"


def test_a_repeat_as_another_agent_is_another_request(alice: Agent, bob: Agent, support: Team) -> None:
    """Bob must not be handed the answer that Alice got through the same key."""
    opened = ticket(team=support)
    key = robot(None, owner=alice, kind="superuser")
    sent = {"Idempotency-Key": "one"}
    first = key.acting_as(alice).post(f"/tickets/{opened.pk}/priority", {"priority": "high"}, **sent)
    assert first.status_code == 200
    repeat = key.acting_as(bob).post(f"/tickets/{opened.pk}/priority", {"priority": "high"}, **sent)
    assert repeat.status_code in {404, 422}
    assert "parcel" not in repeat.content.decode()


def test_a_repeat_tells_nothing_once_the_right_is_gone(support: Team, alice: Agent) -> None:
    worker = AgentFactory(
        name="Wanda",
        teams=[support],
        role=role("Worker", permissions=["tickets:read", "tickets:write", "notes:read", "notes:write"]),
    )
    opened = ticket(team=support)
    key, sent = robot(worker), {"Idempotency-Key": "one"}
    assert key.post(f"/tickets/{opened.pk}/note", {"body": "CANARY"}, **sent).status_code == 201
    assert key.post(f"/tickets/{opened.pk}/note", {"body": "CANARY"}, **sent).status_code == 201
    role("Worker", permissions=["tickets:read"])
    repeat = key.post(f"/tickets/{opened.pk}/note", {"body": "CANARY"}, **sent)
    assert repeat.status_code == 403
    assert "CANARY" not in repeat.content.decode()


def test_a_repeat_tells_nothing_of_a_ticket_that_went_out_of_reach(
    bob: Agent, billing: Team, support: Team
) -> None:
    opened = ticket(team=billing)
    key, sent = robot(bob), {"Idempotency-Key": "one"}
    assert key.post(f"/tickets/{opened.pk}/priority", {"priority": "high"}, **sent).status_code == 200
    actions.move_to_team(opened, team=support, actor=system_actor())
    repeat = key.post(f"/tickets/{opened.pk}/priority", {"priority": "high"}, **sent)
    assert repeat.status_code == 404


@pytest.mark.parametrize("header", ["", "Prefer"])
def test_a_dry_run_is_asked_the_same_rights(bob: Agent, support: Team, carol: Contact, header: str) -> None:
    opened = ticket(team=support, contact=carol)
    dry = {header: "dry-run"} if header else {}
    for path, body in (
        ("note", {"body": "x"}),
        ("reply", {"body": "x"}),
        ("priority", {"priority": "high"}),
        ("team", {"team": None}),
        ("assign", {"assignee": bob.pk}),
    ):
        assert robot(bob).post(f"/tickets/{opened.pk}/{path}", body, **dry).status_code == 404
    reader = robot(bob, access_level="read")
    assert reason(reader.post("/tickets", NEW, **dry)) == "insufficient_scope"
    assert ask("post", "/tickets", NEW, headers=dry).status_code == 401
