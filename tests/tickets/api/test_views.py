"""Saved views and the filter language over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from activity.models import Event
from tests.factories import TagFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import SavedView

pytestmark = pytest.mark.django_db

REFUNDS = {"name": "Refunds", "query": "status:open refund"}


def found(machine: Robot, typed: str) -> list[int]:
    return [
        row["id"] for row in machine.get(f"/tickets?{urlencode({'q': typed, 'sort': 'id'})}").json()["data"]
    ]


def save(machine: Robot, **given: Any) -> int:
    answer = machine.post("/views", REFUNDS | given)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["data"]["id"])


# --- The language ---------------------------------------------------------------------------------------------


def test_q_takes_a_filter_beside_the_other_parameters(alice: Agent, bob: Agent) -> None:
    tag = TagFactory(name="refund")
    mine = ticket("A lost parcel", tags=[tag], assignee=alice)
    bobs = ticket("Lost and found", tags=[tag], assignee=bob)
    ticket("lost")
    machine = robot(alice)
    assert found(machine, "tag:refund lost") == [mine.pk, bobs.pk]
    assert found(machine, 'tag:refund "lost parcel"') == [mine.pk]
    answer = machine.get(f"/tickets?q=tag:refund&assignee={bob.pk}")
    assert [row["id"] for row in answer.json()["data"]] == [bobs.pk]
    assert answer.json()["meta"]["pagination"]["total"] == 1


def test_a_mistake_is_answered_with_its_place(alice: Agent) -> None:
    answer = robot(alice).get("/tickets?q=refund%20stauts:open")
    error = answer.json()["error"]
    assert (answer.status_code, error["reason"], error["parameter"]) == (400, "invalid_filter", "q")
    assert (error["position"], error["length"], error["excerpt"]) == (7, 6, "refund »stauts«:open")
    assert "Did you mean status:?" in error["message"]


def test_a_contact_is_found_by_address_only_with_the_scope(alice: Agent, carol: Contact) -> None:
    case = ticket(contact=carol)
    assert found(robot(alice), "contact:carol@customer.example") == [case.pk]
    narrow = robot(alice, access_level="custom", scopes=["tickets:read"])
    refusals = {
        narrow.get(f"/tickets?q=contact:{address}").json()["error"]["message"]
        for address in ("carol@customer.example", "nobody@customer.example")
    }
    assert len(refusals) == 1
    assert "contacts:read" in refusals.pop()


def test_a_cursor_walks_through_a_filter(alice: Agent) -> None:
    made = [ticket("lost").pk for _ in range(5)]
    machine, walked = robot(alice), list[int]()
    cursor: str | None = ""
    while cursor is not None:
        query = urlencode({"q": "status:open (lost OR tag:none)", "cursor": cursor})
        answer = machine.get(f"/tickets?{query}&per_page=2&sort=id").json()
        walked += [row["id"] for row in answer["data"]]
        cursor = answer["meta"]["cursor"]["next"]
    assert walked == made


# --- Views ----------------------------------------------------------------------------------------------------


def test_a_view_is_created_read_changed_and_deleted(alice: Agent, support: Team) -> None:
    machine = robot(alice)
    made = machine.post("/views", REFUNDS)
    data = made.json()["data"]
    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"/views/{data['id']}")
    assert (data["owner"], data["sharing"], data["sort"]) == (alice.pk, "personal", "-updated_at")
    changed = machine.patch(f"/views/{data['id']}", {"sharing": "team", "team": "Support", "position": 4})
    assert changed.json()["data"]["team"] == support.pk
    assert machine.get(f"/views/{data['id']}").json()["data"] == changed.json()["data"]
    personal = machine.put(f"/views/{data['id']}", {"sharing": "personal"}).json()["data"]
    assert (personal["team"], personal["position"]) == (None, 4)
    assert machine.delete(f"/views/{data['id']}").status_code == 204
    assert machine.get(f"/views/{data['id']}").status_code == 404
    events = Event.objects.filter(subject_type="savedview").values_list("type", flat=True)
    assert list(events.order_by("id")) == [
        "savedview.created",
        "savedview.changed",
        "savedview.changed",
        "savedview.deleted",
    ]


@pytest.mark.parametrize(
    ("given", "status", "field", "words"),
    [
        ({"query": "tga:x"}, 422, "query", "At character 1: »tga«:x"),
        ({"query": "tag:nothing"}, 422, "query", "There is no tag"),
        ({"query": "x" * 501}, 422, "query", "500"),
        ({"sharing": "team"}, 422, "team", "Choose the team"),
        ({"team": "Support"}, 422, "team", "only for what is shared with one team"),
        ({"sharing": "team", "team": "Billing"}, 422, "team", "You are not in the team Billing"),
        ({"sort": "subject"}, 422, "sort", "“subject” is none of these: "),
        ({"position": -1}, 422, "position", "greater than or equal to 0"),
        ({"owner": 1}, 422, "owner", "There is no such field"),
    ],
)
def test_what_makes_no_view_is_refused(
    given: dict[str, Any], status: int, field: str, words: str, alice: Agent, billing: Team
) -> None:
    answer = robot(alice).post("/views", REFUNDS | given)
    assert answer.status_code == status
    assert words in answer.json()["error"]["fields"][field][0]["message"]
    assert not SavedView.objects.exists()


def test_one_owner_has_one_view_of_a_name(alice: Agent, bob: Agent) -> None:
    first = save(robot(alice))
    again = robot(alice).post("/views", REFUNDS | {"name": "REFUNDS"})
    assert (again.status_code, reason(again), again.json()["error"]["existing"]) == (409, "duplicate", first)
    save(robot(bob))


def test_views_are_listed_for_whom_they_are_shared_with(
    alice: Agent, bob: Agent, support: Team, root: Agent
) -> None:
    machine = robot(alice)
    own = save(machine, name="Own", position=3)
    team = save(machine, name="Team", sharing="team", team=support.pk, position=2)
    everyone = save(machine, name="Everyone", sharing="everyone", position=1)

    def listed(who: Robot, query: str = "") -> list[int]:
        return [row["id"] for row in who.get(f"/views?{query}").json()["data"]]

    assert listed(machine) == [everyone, team, own]
    assert listed(machine, "sharing=team&sort=-id") == [team]
    assert listed(machine, f"owner={alice.pk}&name=OWN") == [own]
    assert listed(robot(bob)) == [everyone]
    assert listed(robot(root)) == [everyone]
    assert listed(robot(root, admin_functions=True)) == [everyone, team]
    linked = machine.get("/views?include=owner,team").json()["linked"]
    assert set(linked["agent"]) == {str(alice.pk)}
    assert set(linked["team"]) == {str(support.pk)}


def test_only_the_owner_and_administrators_change_a_view(alice: Agent, bob: Agent, root: Agent) -> None:
    shared = save(robot(alice), sharing="everyone")
    for who in (robot(bob), robot(root)):
        for answer in (who.patch(f"/views/{shared}", {"name": "Mine"}), who.delete(f"/views/{shared}")):
            assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "owner")
    admin = robot(root, admin_functions=True)
    assert admin.patch(f"/views/{shared}", {"name": "Ours"}).json()["data"]["owner"] == alice.pk
    assert admin.delete(f"/views/{shared}").status_code == 204


def test_a_view_that_is_not_shared_with_bob_does_not_exist_for_him(alice: Agent, bob: Agent) -> None:
    hidden, his = save(robot(alice)), robot(bob)
    same = {"X-Request-ID": "same"}
    for path in ("/views/{}", "/views/{}/tickets"):
        unseen, absent = (his.get(path.format(pk), **same) for pk in (hidden, hidden + 1000))
        assert (unseen.status_code, unseen.content) == (404, absent.content)
    assert his.patch(f"/views/{hidden}", {"name": "x"}).status_code == 404
    assert his.delete(f"/views/{hidden}").status_code == 404


def test_a_write_only_key_changes_what_it_cannot_read(alice: Agent) -> None:
    writer = robot(alice, access_level="custom", scopes=["views:write"])
    made = save(writer)
    assert writer.patch(f"/views/{made}", {"name": "Other"}).json()["data"]["name"] == "Other"
    assert writer.get(f"/views/{made}").status_code == 403


# --- Tickets and counts ---------------------------------------------------------------------------------------


def test_a_view_answers_like_the_list_of_tickets(alice: Agent, carol: Contact) -> None:
    made = [ticket("refund", contact=carol).pk for _ in range(3)]
    machine = robot(alice)
    view = save(machine, sort="created_at")
    answer = machine.get(f"/views/{view}/tickets?include=contact&per_page=2").json()
    assert [row["id"] for row in answer["data"]] == made[:2]
    assert answer["meta"]["pagination"]["total"] == 3
    assert set(answer["linked"]["contact"]) == {str(carol.pk)}
    assert answer["data"] == machine.get("/tickets?q=status:open+refund&sort=id&per_page=2").json()["data"]
    other = machine.get(f"/views/{view}/tickets?sort=-id&ids={made[0]},{made[1]}").json()
    assert [row["id"] for row in other["data"]] == [made[1], made[0]]
    cursor = machine.get(f"/views/{view}/tickets?cursor=&per_page=2").json()["meta"]["cursor"]["next"]
    rest = machine.get(f"/views/{view}/tickets?cursor={cursor}&per_page=2").json()["data"]
    assert [row["id"] for row in rest] == made[2:]


def test_bob_finds_his_own_tickets_through_a_view_of_alice(
    alice: Agent, bob: Agent, support: Team, billing: Team
) -> None:
    ticket("refund canary", team=support)
    own = ticket("refund", team=billing)
    for n, query in enumerate(("refund", "canary OR refund", "-nothing", "team:Support OR team:Billing")):
        view = save(robot(alice), query=query, sharing="everyone", name=str(n))
        answer = robot(bob).get(f"/views/{view}/tickets").json()
        assert [row["id"] for row in answer["data"]] == [own.pk]
        assert answer["meta"]["pagination"]["total"] == 1
        (counted,) = [c for c in robot(bob).get("/views/counts").json()["data"]["saved"] if c["id"] == view]
        assert counted["count"] == 1


def test_tickets_of_views_need_both_scopes(alice: Agent) -> None:
    view = save(robot(alice))
    for scope, missing in (("tickets:read", "views:read"), ("views:read", "tickets:read")):
        narrow = robot(alice, access_level="custom", scopes=[scope])
        answer = narrow.get(f"/views/{view}/tickets")
        assert (answer.status_code, answer.json()["error"]["required_scopes"]) == (403, [missing])
    narrow = robot(alice, access_level="custom", scopes=["views:read"])
    assert narrow.get("/views/counts").json()["error"]["required_scopes"] == ["tickets:read"]


def test_standing_views_are_filters(alice: Agent) -> None:
    mine = ticket(assignee=alice)
    machine = robot(alice)
    by_key = {view["key"]: view["query"] for view in machine.get("/views/standing").json()["data"]}
    assert {"mine", "unassigned", "teams", "open", "pending", "solved"} <= set(by_key)
    assert found(machine, by_key["mine"]) == [mine.pk]


def test_counts_tell_of_every_view(alice: Agent) -> None:
    for _ in range(2):
        ticket("refund", assignee=alice)
    machine = robot(alice)
    save(machine)
    save(machine, name="Everything", query="-status:closed")
    data = machine.get("/views/counts").json()["data"]
    assert {view["key"]: view["count"] for view in data["standing"]}["mine"] == 2
    assert [(view["name"], view["count"], view["is_capped"]) for view in data["saved"]] == [
        ("Refunds", 2, False),
        ("Everything", 2, False),
    ]


def test_counts_stop_at_a_cap(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.counting.COUNT_CAP", 2)
    for _ in range(4):
        ticket("refund")
    machine = robot(alice)
    save(machine)
    (counted,) = machine.get("/views/counts").json()["data"]["saved"]
    assert (counted["count"], counted["is_capped"]) == (2, True)


def test_a_view_whose_filter_means_nothing_any_more_says_so(alice: Agent) -> None:
    tag = TagFactory(name="late")
    machine = robot(alice)
    view = save(machine, query="tag:late")
    tag.delete()
    answer = machine.get(f"/views/{view}/tickets")
    assert (answer.status_code, reason(answer)) == (400, "invalid_filter")
    assert answer.json()["error"]["excerpt"] == "tag:»late«"
    (counted,) = machine.get("/views/counts").json()["data"]["saved"]
    assert counted["count"] is None
    assert "There is no tag" in counted["problem"]
    assert machine.patch(f"/views/{view}", {"name": "Renamed"}).status_code == 200


@pytest.mark.parametrize("path", ["/views?", "/views?include=owner,team", "/views/counts"])
def test_thirty_views_cost_as_many_queries_as_one(path: str, alice: Agent, support: Team) -> None:
    TagFactory(name="refund")
    machine = robot(alice)
    save(machine, query="tag:refund team:Support lost", sharing="team", team="Support")
    with CaptureQueriesContext(connection) as one:
        assert machine.get(path).status_code == 200
    for n in range(29):
        save(machine, query=f"tag:refund team:Support lost{n}", sharing="team", team="Support", name=str(n))
    with CaptureQueriesContext(connection) as thirty:
        assert machine.get(path.replace("?", "?per_page=50&")).status_code == 200
    assert len(one) == len(thirty)


def test_a_role_without_the_right_is_told_so(alice: Agent) -> None:
    alice.role = role("No views", permissions=[Permission.TICKETS_READ])
    alice.save()
    answer = robot(alice).get("/views")
    assert (answer.status_code, answer.json()["error"]["missing_permission"]) == (403, "views:read")
