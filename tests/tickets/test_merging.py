"""One conversation where there were two, and two again at any time."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, ContactFactory, role, ticket
from tests.robot import Robot, reason, robot
from tests.servers import StartServer
from tickets.models import Attachment, Category, Containment, Merge, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice: Agent) -> Robot:
    return robot(alice)


def texts(r: Robot, case: Ticket) -> list[str]:
    return [row["body_text"] for row in r.get(f"/tickets/{case.pk}/messages").json()["data"]]


def found(r: Robot, words: str) -> list[int]:
    return [row["id"] for row in r.get(f"/tickets?q={words}").json()["data"]]


def seen(r: Robot, case: Ticket) -> Any:
    return r.get(f"/tickets/{case.pk}").json()["data"]


def merge(r: Robot, case: Ticket, into: Ticket) -> Any:
    return r.post(f"/tickets/{case.pk}/merge", {"into": into.pk})


def unmerge(r: Robot, case: Ticket) -> Any:
    return r.post(f"/tickets/{case.pk}/unmerge", {})


def test_merge_reply_unmerge_and_merge_again(
    her: Robot, alice: Agent, bob: Agent, support: Team, billing: Team, carol: Contact
) -> None:
    pending = Status.objects.of(Category.PENDING)
    source = ticket("Twice", "Where is the zebra?", team=billing, assignee=bob, status=pending, contact=carol)
    target = ticket("Once", "Where is the okapi?", team=support, contact=carol)
    file = {"name": "label.txt", "content": base64.b64encode(b"label").decode()}
    her.post(f"/tickets/{source.pk}/reply", {"body": "See the label.", "attachments": [file]})
    was = seen(her, source)

    answer = merge(her, source, target).json()["data"]
    assert (answer["merged_into"], answer["status"], answer["assignee"]) == (target.pk, "closed", bob.pk)
    assert texts(her, target) == ["Where is the zebra?", "Where is the okapi?", "See the label."]
    assert found(her, "zebra") == found(her, "okapi") == found(her, "twice") == [target.pk]

    her.post(f"/tickets/{target.pk}/reply", {"body": "Both are found, quagga."})
    assert texts(her, target)[-1] == "Both are found, quagga."

    data = unmerge(her, source).json()["data"]
    assert {k: data[k] for k in ("status", "assignee", "team", "merged_into", "solved_at")} == {
        k: was[k] for k in ("status", "assignee", "team", "merged_into", "solved_at")
    }
    assert texts(her, source) == ["Where is the zebra?", "See the label."]
    assert texts(her, target) == ["Where is the okapi?", "Both are found, quagga."]
    assert (found(her, "zebra"), found(her, "quagga"), found(her, "twice")) == (
        [source.pk], [target.pk], [source.pk],
    )  # fmt: skip
    assert Attachment.objects.get().message.ticket_id == source.pk  # type: ignore[union-attr]

    assert merge(her, source, target).status_code == 200
    assert len(texts(her, target)) == 4
    assert list(Event.objects.about(source).order_by("id").values_list("type", flat=True)) == [
        "ticket.opened", "ticket.replied", "ticket.merged", "ticket.unmerged", "ticket.merged",
    ]  # fmt: skip
    assert Event.objects.about(target).filter(type="ticket.merged").count() == 2


def test_a_merged_ticket_leaves_the_lists_and_says_where_it_went(her: Robot, alice: Agent) -> None:
    source, target = ticket(external_id="s-1"), ticket()
    merge(her, source, target)
    assert [row["id"] for row in her.get("/tickets").json()["data"]] == [target.pk]
    assert her.get("/tickets").json()["meta"]["pagination"]["total"] == 1
    for query in (
        f"ids={source.pk}",
        "merged=true",
        "external_id=s-1",
        "updated_since=2020-01-01T00:00:00Z&sort=id",
    ):
        (first, *_) = her.get(f"/tickets?{query}").json()["data"]
        assert (first["id"], first["merged_into"]) == (source.pk, target.pk), query
    assert [row["id"] for row in her.get("/tickets?merged=false").json()["data"]] == [target.pk]
    linked = her.get(f"/tickets/{source.pk}?include=merged_into").json()["linked"]
    assert linked["ticket"][str(target.pk)]["id"] == target.pk
    page = sign_in(alice).get(f"/tickets/{source.pk}/").content.decode()
    assert f'href="/tickets/{target.pk}/?' in page
    assert f"Alice merged this ticket into #{target.pk}" in page
    assert f"Alice merged #{source.pk} of another contact into this ticket" in (
        sign_in(alice).get(f"/tickets/{target.pk}/").content.decode()
    )


def test_nothing_is_done_to_a_merged_ticket_but_giving_it_back(her: Robot, root: Agent) -> None:
    source, target = ticket(), ticket()
    merge(her, source, target)
    assert seen(her, source)["abilities"] == ["tickets.unmerge"]
    for path, body in (
        ("reply", {"body": "Hello"}), ("note", {"body": "Hello"}), ("status", {"status": "open"}),
        ("assign", {"assignee": None}), ("tags", {"tags": ["a"]}), ("snooze", {"until": "2099-01-01T00:00:00Z"}),
        ("follow", {}), ("link", {"ticket": target.pk}), ("merge", {"into": ticket().pk}),
    ):  # fmt: skip
        answer = her.post(f"/tickets/{source.pk}/{path}", body)
        assert (answer.status_code, reason(answer)) == (409, "merged"), path
        assert answer.json()["error"]["merged_into"] == target.pk
    assert reason(her.patch(f"/tickets/{source.pk}", {"priority": "low"})) == "merged"
    page = sign_in(root).post(f"/tickets/{source.pk}/messages/", {"kind": "reply", "body": "Hello"})
    assert page.status_code == 422
    assert "Do it there" in page.content.decode()


def test_merges_of_merges_are_taken_apart_in_any_order(her: Robot) -> None:
    a, b, c = (ticket(f"Subject{n}", f"text{n}") for n in "abc")
    merge(her, a, b)
    merge(her, b, c)
    assert texts(her, c) == ["texta", "textb", "textc"]
    assert found(her, "texta") == found(her, "subjecta") == [c.pk]
    unmerge(her, a)
    assert (texts(her, c), texts(her, b), texts(her, a)) == (["textb", "textc"], ["textb"], ["texta"])
    assert (found(her, "texta"), found(her, "textb")) == ([a.pk], [c.pk])
    unmerge(her, b)
    merge(her, a, b)
    merge(her, b, c)
    unmerge(her, b)
    assert (texts(her, c), texts(her, b)) == (["textc"], ["texta", "textb"])
    assert found(her, "texta") == [b.pk]
    her.patch(f"/tickets/{b.pk}", {"subject": "Renamed"})
    assert found(her, "texta") == found(her, "subjecta") == found(her, "renamed") == [b.pk]
    unmerge(her, a)
    assert not Containment.objects.exists()
    assert not Merge.objects.exists()


def test_there_are_no_circles(her: Robot) -> None:
    a, b = ticket(), ticket()
    assert merge(her, a, a).json()["error"]["fields"]["into"][0]["code"] == "itself"
    merge(her, a, b)
    answer = merge(her, b, a)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]["into"][0]["code"] == "merged"
    assert merge(her, a, b).status_code == 200  # Nothing to do.
    assert unmerge(her, b).status_code == 200
    assert Event.objects.about(b).count() == 2


def test_a_snoozed_ticket_and_one_with_a_deleted_status_come_back(her: Robot, root: Agent) -> None:
    target = ticket()
    own = Status.objects.create(name="Waits for the carrier", category=Category.PENDING)
    case = ticket(status=own)
    her.post(f"/tickets/{case.pk}/snooze", {"until": "2099-01-01T00:00:00Z"})
    assert merge(her, case, target).json()["data"]["snoozed_until"] is None
    own.delete()
    data = unmerge(her, case).json()["data"]
    assert (data["status"], data["snoozed_until"]) == ("pending", "2099-01-01T00:00:00Z")


def test_a_ticket_that_holds_others_is_not_deleted(root: Agent) -> None:
    r, source, target = robot(root), ticket("S", "sourcetext"), ticket("T", "targettext")
    merge(r, source, target)
    assert reason(r.delete(f"/tickets/{target.pk}")) == "in_use"
    assert r.delete(f"/tickets/{source.pk}").status_code == 204
    assert texts(r, target) == ["targettext"]
    assert (found(r, "sourcetext"), found(r, "targettext")) == ([], [target.pk])


# --- Who may -----------------------------------------------------------------------------------------------------


def test_bob_merges_nothing_with_a_ticket_that_he_cannot_see(
    bob: Agent, support: Team, billing: Team
) -> None:
    hidden, own, r = ticket(team=support, external_id="hidden"), ticket(team=billing), robot(bob)
    absent = r.post(f"/tickets/{own.pk}/merge", {"into": 999_999})
    for name in (hidden.pk, "hidden"):
        answer = r.post(f"/tickets/{own.pk}/merge", {"into": name})
        assert answer.status_code == absent.status_code == 422
        assert "may not see it" in answer.json()["error"]["message"]
    assert merge(r, hidden, own).status_code == 404
    bulk = r.post("/tickets/bulk", {"ids": [hidden.pk, 999_999], "merge": own.pk}).json()
    assert [row["outcome"] for row in bulk["data"]] == ["not_found", "not_found"]
    assert bulk["data"][0]["error"]["reason"] == "not_found"
    assert not Merge.objects.exists()


def test_who_sees_the_one_ticket_sees_what_was_merged_into_it(
    her: Robot, bob: Agent, support: Team, billing: Team
) -> None:
    hidden, his = ticket("H", "hiddentext", team=support), ticket("B", "histext", team=billing)
    inner = ticket("I", "innertext", team=support)
    light = robot(
        AgentFactory(name="Dan", role=role("Replies", permissions=["tickets:read", "messages:read"]))
    )
    her.post(f"/tickets/{hidden.pk}/note", {"body": "Canarynote"})
    r = robot(bob)
    merge(her, inner, hidden)
    assert r.get("/messages").json()["meta"]["pagination"]["total"] == 1
    merge(her, hidden, his)
    assert texts(r, his) == ["hiddentext", "histext", "innertext", "Canarynote"]
    assert r.get("/messages").json()["meta"]["pagination"]["total"] == 4
    message = r.get(f"/tickets/{his.pk}/messages").json()["data"][0]
    assert (message["ticket"], r.get(f"/messages/{message['id']}").status_code) == (hidden.pk, 200)
    assert r.get(f"/tickets/{hidden.pk}").status_code == 404
    assert found(r, "innertext") == found(r, "canarynote") == [his.pk]
    assert "Canarynote" not in texts(light, his)
    assert found(light, "canarynote") == []
    # He may write his own, and not what was merged into it.
    assert unmerge(r, hidden).status_code == 404
    unmerge(her, hidden)
    assert texts(r, his) == ["histext"]
    assert r.get(f"/messages/{message['id']}").status_code == 404
    assert found(r, "innertext") == []


def test_files_follow_the_conversation(her: Robot, bob: Agent, support: Team, billing: Team) -> None:
    hidden, his = ticket(team=support), ticket(team=billing)
    file = {"name": "label.txt", "content": base64.b64encode(b"label").decode()}
    her.post(f"/tickets/{hidden.pk}/reply", {"body": "See the label.", "attachments": [file]})
    path, r = f"/attachments/{Attachment.objects.get().pk}/download", robot(bob)
    assert r.get(path).status_code == 404
    merge(her, hidden, his)
    assert b"".join(r.get(path).streaming_content) == b"label"
    unmerge(her, hidden)
    assert r.get(path).status_code == 404


def test_who_may_write_only_one_of_two_takes_nothing_apart(
    her: Robot, bob: Agent, support: Team, billing: Team
) -> None:
    his, target = ticket(team=billing), ticket(team=support)
    merge(her, his, target)
    answer = unmerge(robot(bob), his)
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "reach")
    assert Merge.objects.count() == 1


def test_merging_needs_the_scope_and_the_tag(alice: Agent) -> None:
    a, b = ticket(), ticket()
    assert reason(merge(robot(alice, access_level="read"), a, b)) == "insufficient_scope"
    narrow = robot(alice, tags=["*", "-tickets.merge"])
    assert merge(narrow, a, b).json()["error"]["decided_by"] == "tag"
    answer = narrow.post("/tickets/bulk", {"ids": [a.pk], "merge": b.pk})
    assert (answer.status_code, answer.json()["error"]["operation"]) == (403, "tickets.merge")


def test_events_name_no_subject_or_person_of_the_other_ticket(her: Robot, mallory: Contact) -> None:
    a, b = ticket("Canarysubject", contact=mallory), ticket("Canarysubject too", contact=ContactFactory())
    merge(her, a, b)
    unmerge(her, a)
    for event in Event.objects.filter(type__in=("ticket.merged", "ticket.unmerged")):
        assert "Canary" not in f"{event.changes}{event.facts}"
        assert "Mallory" not in f"{event.changes}{event.facts}"


# --- At the same time, and at what cost --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_are_one(alice: Agent, start_server: StartServer) -> None:
    r, server = robot(alice), start_server(processes=2)
    with r.over_http(server.url) as client, ThreadPoolExecutor(8) as pool:
        for _round in range(3):
            a, b = ticket(), ticket()

            def ask(pair: tuple[int, int]) -> int:
                return client.post(f"/tickets/{pair[0]}/merge", json={"into": pair[1]}).status_code

            same = list(pool.map(ask, [(a.pk, b.pk)] * 6))
            assert set(same) == {200}
            assert Event.objects.about(b).filter(type="ticket.merged").count() == 1

            c, d = ticket(), ticket()
            crossed = list(pool.map(ask, [(c.pk, d.pk), (d.pk, c.pk)] * 4))
            assert set(crossed) <= {200, 422}
            assert Merge.objects.filter(ticket__in=[c, d]).count() == 1
            assert Containment.objects.filter(inner__in=[c, d]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_merging_and_unmerging_at_once_leaves_no_trace_behind(
    alice: Agent, start_server: StartServer
) -> None:
    r, server = robot(alice), start_server(processes=2)
    a, b, c = ticket(), ticket(), ticket()
    steps = [(a, b), (b, c), (a, None), (b, None)] * 6
    with r.over_http(server.url) as client, ThreadPoolExecutor(6) as pool:

        def ask(step: tuple[Ticket, Ticket | None]) -> int:
            case, into = step
            path, body = ("merge", {"into": into.pk}) if into else ("unmerge", {})
            return client.post(f"/tickets/{case.pk}/{path}", json=body).status_code

        assert set(pool.map(ask, steps)) <= {200, 409, 422}
        while Ticket.objects.filter(merged_into__isnull=False).exists():
            for case in (b, a):
                ask((case, None))
    assert not Containment.objects.exists()
    assert not Merge.objects.exists()


def test_a_conversation_of_many_tickets_costs_no_more_queries(her: Robot, alice: Agent) -> None:
    target = ticket()

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert her.get(path).status_code == 200
        return len(captured)

    def page_cost(client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/tickets/{target.pk}/").status_code == 200
        return len(captured)

    merge(her, ticket(), target)
    client = sign_in(alice)
    page_cost(client)
    paths = (
        f"/tickets/{target.pk}/messages",
        "/messages",
        "/tickets",
        "/tickets?merged=true&include=merged_into",
    )
    before, before_page = [cost(path) for path in paths], page_cost(client)
    for _ in range(8):
        merge(her, ticket(), target)
    assert [cost(path) for path in paths] == before
    assert page_cost(client) == before_page
