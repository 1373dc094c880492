"""Opening, reading, changing and answering tickets over the API."""

from __future__ import annotations

import base64

import pytest

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.factories import ContactFactory, TagFactory, ticket
from tests.robot import ask, reason, robot
from tickets.models import Channel, Ticket

pytestmark = pytest.mark.django_db

NEW = {"subject": "Lost parcel", "message": "Where is **it**?", "contact": "carol@customer.example"}


def test_a_ticket_is_opened_by_the_contact_with_its_first_message(alice: Agent, carol: Contact) -> None:
    r = robot(alice)
    answer = r.post("/tickets", NEW | {"tags": ["Late  Delivery"], "priority": "high"})
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert answer.headers["Location"].endswith(f"/api/v1/tickets/{data['id']}")
    assert (data["contact"], data["tags"], data["priority"]) == (carol.pk, ["late delivery"], "high")
    (message,) = r.get(f"/tickets/{data['id']}/messages").json()["data"]
    assert message["author"] == {"type": "contact", "id": carol.pk, "name": "Carol"}
    assert (message["direction"], message["body_html"]) == ("in", "<p>Where is <strong>it</strong>?</p>\n")


def test_an_agent_may_write_the_first_message(alice: Agent) -> None:
    r = robot(alice)
    data = r.post("/tickets", NEW | {"author": "agent"}).json()["data"]
    (message,) = r.get(f"/tickets/{data['id']}/messages").json()["data"]
    assert (message["author"]["name"], message["direction"]) == ("Alice", "out")
    assert data["first_replied_at"] is not None


def test_an_unknown_contact_is_created_once(alice: Agent) -> None:
    r = robot(alice)
    first = r.post("/tickets", NEW | {"contact": {"email": "New@Customer.example", "name": "Nina"}})
    second = r.post("/tickets", NEW | {"contact": "new@customer.example"})
    assert first.json()["data"]["contact"] == second.json()["data"]["contact"]
    assert Contact.objects.filter(name="Nina").count() == 1


def test_a_channel_brings_its_team(alice: Agent, support: Team) -> None:
    Channel.objects.create(name="Web shop", kind="shop", default_team=support)
    assert robot(alice).post("/tickets", NEW | {"channel": "web shop"}).json()["data"]["team"] == support.pk


def test_relations_are_named_as_people_name_them(alice: Agent, bob: Agent, support: Team) -> None:
    case = ticket()
    changes = {"assignee": "BOB@desk.example", "team": "support", "status": "pending", "tags": ["vip"]}
    data = robot(alice).patch(f"/tickets/{case.pk}", changes).json()["data"]
    assert (data["assignee"], data["team"], data["status"], data["tags"]) == (
        bob.pk,
        support.pk,
        "pending",
        ["vip"],
    )


def test_put_and_patch_change_only_what_was_sent(alice: Agent) -> None:
    case = ticket(subject="As it was")
    data = robot(alice).put(f"/tickets/{case.pk}", {"priority": "low"}).json()["data"]
    assert (data["subject"], data["priority"]) == ("As it was", "low")


def test_nothing_changed_means_no_event_and_no_version(alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    events = Event.objects.count()
    data = r.patch(f"/tickets/{case.pk}", {"priority": "normal", "status": "open"}).json()["data"]
    assert (Event.objects.count(), data["version"]) == (events, case.version)


def test_reply_and_solve_are_one_step(alice: Agent) -> None:
    case = ticket()
    r = robot(alice)
    assert r.post(f"/tickets/{case.pk}/reply", {"body": "Done.", "status": "solved"}).status_code == 201
    data = r.get(f"/tickets/{case.pk}").json()["data"]
    assert data["status"] == "solved"
    assert data["solved_at"]
    assert data["first_replied_at"]
    assert list(Event.objects.about(case).order_by("id").values_list("type", flat=True)) == [
        "ticket.opened",
        "ticket.replied",
        "ticket.solved",
    ]


@pytest.mark.parametrize(
    ("verb", "body", "field", "expected"),
    [
        ("assign", {"assignee": "alice@desk.example"}, "assignee", "alice"),
        ("assign", {"assignee": None}, "assignee", None),
        ("status", {"status": "closed"}, "status", "closed"),
        ("priority", {"priority": "urgent"}, "priority", "urgent"),
        ("tags", {"tags": ["one", "two"]}, "tags", ["one", "two"]),
        ("subject", {"subject": "Better"}, "subject", "Better"),
        ("team", {"team": None}, "team", None),
    ],
)
def test_every_verb_has_a_sub_resource(
    verb: str, body: dict[str, object], field: str, expected: object, alice: Agent
) -> None:
    case = ticket()
    answer = robot(alice).post(f"/tickets/{case.pk}/{verb}", body)
    assert answer.status_code == 200
    assert answer.json()["data"][field] == (alice.pk if expected == "alice" else expected)


def test_a_file_travels_inline_or_as_an_upload(alice: Agent) -> None:
    r = robot(alice)
    inline = {
        "name": "../../etc/passwd",
        "content": base64.b64encode(b"inline").decode(),
        "content_type": "text/html",
    }
    number = r.post("/tickets", NEW | {"attachments": [inline]}).json()["data"]["id"]
    (first,) = r.get(f"/tickets/{number}/messages").json()["data"]
    (file,) = first["attachments"]
    assert (file["name"], file["size"]) == ("passwd", 6)
    path = file["url"].partition("/api/v1")[2]
    answer = r.get(path)
    assert b"".join(answer.streaming_content) == b"inline"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_an_upload_can_be_sent_once_and_only_by_its_uploader(alice: Agent, root: Agent) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    r, other, case = robot(alice), robot(root, name="Other"), ticket()
    file = SimpleUploadedFile("note.txt", b"hello", "text/plain")
    upload = Client().post("/api/v1/attachments", {"file": file}, headers=r.bearer).json()["data"]
    reply = {"body": "See file.", "attachments": [upload["id"]]}
    assert other.post(f"/tickets/{case.pk}/reply", reply).status_code == 422
    assert r.post(f"/tickets/{case.pk}/reply", reply).json()["data"]["attachments"][0]["name"] == "note.txt"
    assert r.post(f"/tickets/{case.pk}/reply", reply).status_code == 422


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"subject": "x", "message": "x"}, "contact", "required"),
        (NEW | {"contact": "nobody"}, "contact.email", "invalid"),
        (NEW | {"contact": 999_999}, "contact", "does_not_exist"),
        (NEW | {"contact": 10**30}, "contact", "incorrect_type"),
        (NEW | {"contact": True}, "contact", "incorrect_type"),
        (NEW | {"subject": ""}, "subject", "blank"),
        (NEW | {"subject": "x" * 251}, "subject", "max_length"),
        (NEW | {"subject": "nul\x00"}, "subject", "null_characters_not_allowed"),
        (NEW | {"subject": "\ud800"}, "subject", "surrogate_characters_not_allowed"),
        (NEW | {"message": ""}, "message", "invalid"),
        (NEW | {"priority": "extreme"}, "priority", "invalid_choice"),
        (NEW | {"status": "lost"}, "status", "does_not_exist"),
        (NEW | {"assignee": "ghost@desk.example"}, "assignee", "does_not_exist"),
        (NEW | {"attachments": [{"name": "a", "content": "%%%"}]}, "attachments.0.content", "invalid"),
        (NEW | {"attachments": [12345]}, "attachments.0", "does_not_exist"),
        (NEW | {"tags": "vip"}, "tags", "not_a_list"),
        (NEW | {"number": 5}, "number", "unknown_field"),
        ({"subjekt": "Lost parcel"}, "subjekt", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_field_by_field(
    body: dict[str, object], field: str, code: str, alice: Agent
) -> None:
    answer = robot(alice).post("/tickets", body)
    assert answer.status_code == 422, answer.content
    assert [e["code"] for e in answer.json()["error"]["fields"][field]] == [code]
    assert Ticket.objects.count() == 0


def test_a_duplicate_external_id_names_the_ticket_that_has_it(alice: Agent) -> None:
    r = robot(alice)
    number = r.post("/tickets", NEW | {"external_id": "shop-1"}).json()["data"]["id"]
    answer = r.post("/tickets", NEW | {"external_id": "shop-1"})
    assert (answer.status_code, reason(answer)) == (409, "duplicate")
    assert answer.json()["error"]["existing"] == number


def test_a_ticket_deleted_is_gone_but_history_remembers(alice: Agent, root: Agent) -> None:
    case = ticket()
    assert reason(robot(alice).delete(f"/tickets/{case.pk}")) == "agent_permission"
    r = robot(root)
    assert r.delete(f"/tickets/{case.pk}").status_code == 204
    assert r.get(f"/tickets/{case.pk}").status_code == 404
    assert Event.objects.filter(type="ticket.deleted", subject_id=case.pk).exists()


@pytest.mark.parametrize(
    ("query", "status", "why"),
    [
        ("page=0", 400, "invalid_parameter"),
        ("page=1e3", 400, "invalid_parameter"),
        ("page=١", 400, "invalid_parameter"),
        ("per_page=101", 400, "invalid_parameter"),
        ("page=101&per_page=100", 400, "page_too_deep"),
        ("sort=subject", 400, "invalid_parameter"),
        ("include=secrets", 400, "invalid_parameter"),
        ("statsu=open", 400, "unknown_parameter"),
        ("status=open&status=closed", 400, "invalid_parameter"),
        ("status=lost", 400, "invalid_parameter"),
        ("assignee=nobody", 400, "invalid_parameter"),
        ("updated_since=yesterday", 400, "invalid_parameter"),
        ("updated_since=9999-12-31T23:59:59-23:59", 200, None),
        ("cursor=abc", 400, "invalid_cursor"),
        ("cursor=WyItaWQiLCAxZTk5LCAzXQ", 400, "invalid_cursor"),
        ("ids=1,x", 400, "invalid_parameter"),
        ("q=%00", 400, "invalid_filter"),
        ("q='%20OR%201=1--", 200, None),
        ("external_id=%ED%A0%80", 200, None),
    ],
)
def test_a_query_is_understood_or_refused_never_ignored(
    query: str, status: int, why: str | None, alice: Agent
) -> None:
    answer = robot(alice).get(f"/tickets?{query}")
    assert answer.status_code == status, answer.content
    if why:
        assert reason(answer) == why


def test_filters_find_what_they_say(alice: Agent, bob: Agent, billing: Team, carol: Contact) -> None:
    wanted = ticket(
        contact=carol, team=billing, assignee=bob, tags=[TagFactory(name="refund")], external_id="a-1"
    )
    ticket()
    r = robot(alice)
    for query in (
        f"assignee={bob.pk}",
        "assignee=bob@desk.example",
        f"team={billing.pk}",
        "tag=refund",
        f"contact={carol.pk}",
        "contact=carol@customer.example",
        "external_id=a-1",
        f"ids={wanted.pk}",
        "q=carol@customer",
    ):
        assert [row["id"] for row in r.get(f"/tickets?{query}").json()["data"]] == [wanted.pk], query
    assert len(r.get("/tickets?assignee=none").json()["data"]) == 1


def test_pages_and_cursors_walk_over_the_same_tickets(alice: Agent) -> None:
    made = [ticket().pk for _ in range(7)]
    r = robot(alice)
    pages = [
        row["id"] for n in (1, 2, 3) for row in r.get(f"/tickets?page={n}&per_page=3&sort=id").json()["data"]
    ]
    assert pages == made
    walked: list[int] = []
    cursor = ""
    while cursor is not None:
        answer = r.get(f"/tickets?cursor={cursor}&per_page=3&sort=updated_at").json()
        walked += [row["id"] for row in answer["data"]]
        cursor = answer["meta"]["cursor"]["next"]
    assert walked == made


def test_a_page_says_where_it_stands(alice: Agent) -> None:
    for _ in range(5):
        ticket()
    answer = robot(alice).get("/tickets?page=2&count=2")
    pagination = answer.json()["meta"]["pagination"]
    assert (pagination["total"], pagination["current_page"], pagination["total_pages"]) == (5, 2, 3)
    assert answer.json()["links"]["prev"].endswith("page=1&count=2")
    assert 'rel="next"' in answer.headers["Link"]
    beyond = robot(alice).get("/tickets?page=9&count=2").json()
    assert (beyond["data"], beyond["meta"]["pagination"]["total"]) == ([], 5)


@pytest.mark.parametrize("sort", ["id", "-updated_at"])
def test_the_total_is_of_the_reach_and_counts_no_ticket_twice(
    sort: str, bob: Agent, billing: Team, support: Team
) -> None:
    within = [ticket(team=billing), ticket(team=billing, assignee=bob), ticket(team=support, assignee=bob)]
    ticket(team=support)
    answer = robot(bob).get(f"/tickets?sort={sort}").json()
    assert {row["id"] for row in answer["data"]} == {one.pk for one in within}
    assert answer["meta"]["pagination"]["total"] == len(answer["data"]) == 3


@pytest.mark.parametrize(
    "query", ["", "&sort=-updated_at", "&q=parcel", "&include=contact,assignee,team,organization"]
)
def test_the_number_of_queries_does_not_grow_with_rows(
    query: str, alice: Agent, support: Team, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    r = robot(alice)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert r.get(f"/tickets?per_page=100{query}").status_code == 200
        return len(captured)

    ticket(team=support, assignee=alice)
    with_one = queries()
    for _ in range(30):
        ticket(team=support, assignee=alice, tags=[TagFactory()])
    assert queries() == with_one


def test_unchanged_answers_are_not_sent_twice(alice: Agent) -> None:
    case = ticket()
    r = robot(alice)
    first = r.get(f"/tickets/{case.pk}")
    second = r.get(f"/tickets/{case.pk}", **{"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert "X-RateLimit-Remaining" in second.headers


def test_contacts_are_found_created_and_changed(alice: Agent) -> None:
    r = robot(alice)
    created = r.post(
        "/contacts", {"name": "Dave", "emails": ["Dave@x.example"], "time_zone": "Europe/Vienna"}
    )
    assert created.status_code == 201
    number = created.json()["data"]["id"]
    assert r.get("/contacts?email=dave@X.example").json()["data"][0]["id"] == number
    changed = r.patch(f"/contacts/{number}", {"emails": ["d@x.example", "dave@x.example"]}).json()["data"]
    assert changed["emails"] == ["d@x.example", "dave@x.example"]
    other = ContactFactory(email="taken@x.example")
    answer = r.patch(f"/contacts/{number}", {"emails": ["taken@x.example"]})
    assert (answer.status_code, answer.json()["error"]["existing"]) == (409, other.pk)
    assert r.patch(f"/contacts/{number}", {"time_zone": "Mars/Olympus"}).status_code == 422


def test_tags_are_made_renamed_and_deleted(root: Agent) -> None:
    r = robot(root)
    tag = r.post("/tags", {"name": "VIP"}).json()["data"]
    assert tag["name"] == "vip"
    assert reason(r.post("/tags", {"name": "vip"})) == "duplicate"
    assert (
        r.patch(f"/tags/{tag['id']}", {"name": "very important"}).json()["data"]["name"] == "very important"
    )
    assert r.delete(f"/tags/{tag['id']}").status_code == 204
    assert r.get(f"/tags/{tag['id']}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "why"),
    [
        ("post", "/tickets", "{", "application/json", 400, "invalid_json"),
        ("post", "/tickets", '{"a": NaN}', "application/json", 400, "invalid_json"),
        ("post", "/tickets", '{"\\ud800": 1, "\\ud800": 1}', "application/json", 400, "invalid_json"),
        ("post", "/tickets", "[" * 100_000, "application/json", 400, "invalid_json"),
        ("post", "/tickets", b"\xff\xfe", "application/json", 400, "invalid_json"),
        ("post", "/tickets", '"text"', "application/json", 422, "invalid"),
        ("post", "/tickets", "subject=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("post", "/tickets", "x" * 1_100_000, "application/json", 413, "too_large"),
        ("post", "/attachments", "{}", "application/json", 415, "unsupported_media_type"),
        ("put", "/me", "{}", "application/json", 405, "method_not_allowed"),
        ("options", "/tickets", "", "application/json", 405, "method_not_allowed"),
        ("get", "/tickets/99999999999999999999999", "", "", 404, "not_found"),
        ("get", "/tickets/0", "", "", 404, "not_found"),
        ("get", "/nowhere/at/all", "", "", 404, "not_found"),
        ("get", "/%00", "", "", 404, "not_found"),
    ],
)
def test_bad_requests_get_the_documented_error(
    method: str, path: str, body: str, content_type: str, status: int, why: str, alice: Agent
) -> None:
    from django.test import Client

    client = Client(raise_request_exception=False)
    extra = {"data": body, "content_type": content_type} if content_type else {}
    answer = getattr(client, method)(f"/api/v1{path}", headers=robot(alice).bearer, **extra)
    assert (answer.status_code, reason(answer)) == (status, why)
    error = answer.json()["error"]
    assert {"code", "status", "reason", "message", "request_id", "docs"} <= set(error)
    assert answer.json()["success"] is False
    assert answer.headers["X-Request-ID"] == error["request_id"]


def test_html_is_not_spoken(alice: Agent) -> None:
    answer = robot(alice).get("/tickets", Accept="text/html")
    assert (answer.status_code, reason(answer)) == (406, "not_acceptable")


def test_errors_from_outside_rest_framework_have_the_same_shape() -> None:
    answer = ask("get", "/me", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
