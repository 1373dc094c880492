"""Custom fields over the API: defined by an admin's key, filled in and found by everybody's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, CustomField
from activity.models import Event
from tests.factories import AgentFactory, ContactFactory, OrganizationFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

KINDS: dict[str, dict[str, Any]] = {
    "note": {"kind": "text", "label": "Note"},
    "amount": {"kind": "number", "label": "Amount"},
    "due": {"kind": "date", "label": "Due"},
    "color": {"kind": "choice", "label": "Color", "choices": ["Red", "Green", "Blue"]},
    "sizes": {"kind": "multi_choice", "label": "Sizes", "choices": ["S", "M", "L"]},
    "vip": {"kind": "boolean", "label": "VIP"},
    "page": {"kind": "url", "label": "Page"},
}


@pytest.fixture
def machine(root: Agent) -> Robot:
    return robot(root, name="Setup", admin_functions=True)


@pytest.fixture
def defined(db: None) -> dict[str, int]:
    """One field of every kind on tickets, and some of them on people; their ids by thing and key."""
    keys = {"ticket": list(KINDS), "contact": ["color", "amount"], "organization": ["sizes"]}
    rows = [
        CustomField(applies_to=thing, key=key, position=position, **KINDS[key])
        for thing, of_thing in keys.items()
        for position, key in enumerate(of_thing)
    ]
    return {f"{row.applies_to}.{row.key}": row.pk for row in CustomField.objects.bulk_create(rows)}


def filled(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.content
    values: dict[str, Any] = answer.json()["data"]["custom_fields"]
    return values


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {path: found[0]["message"] for path, found in answer.json()["error"]["fields"].items()}


# --- Defining -------------------------------------------------------------------------------------------------


def test_an_admins_key_defines_a_field_and_what_values_depend_on_never_changes(machine: Robot) -> None:
    field = {"applies_to": "ticket", "key": "color", **KINDS["color"]}
    made = machine.post("/custom_fields", field).json()["data"]
    assert made == {**field, "id": made["id"], "help_text": "", "position": 0, "active": True}
    url = f"/custom_fields/{made['id']}"
    assert machine.put(url, {**field, "label": "Colour"}).json()["data"]["label"] == "Colour"
    assert "kind of a field cannot change" in faults(machine.patch(url, {"kind": "text"}))["kind"]
    assert "key of a field cannot change" in faults(machine.patch(url, {"key": "colour"}))["key"]
    again = machine.post("/custom_fields", field)
    assert (again.status_code, again.json()["error"]["existing"]) == (409, made["id"])
    told = Event.objects.filter(subject_type="customfield").order_by("id").values_list("type", "changes")
    assert list(told) == [
        ("customfield.created", {}),
        ("customfield.changed", {"label": ["Color", "Colour"]}),
    ]


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"key": "Größe"}, "key"),
    ({"key": "c\u043elor"}, "key"),
    ({"key": "_color"}, "key"),
    ({"key": "c" * 41}, "key"),
    ({"label": " "}, "label"),
    ({"kind": "colour"}, "kind"),
    ({"choices": []}, "choices"),
    ({"choices": ["Red", "red"]}, "choices"),
    ({"choices": ["Red\u202e"]}, "choices"),
    ({"choices": [str(n) for n in range(201)]}, "choices"),
    ({"kind": "text"}, "choices"),
    ({"applies_to": "order"}, "applies_to"),
]


def test_nonsense_is_refused_where_it_stands(machine: Robot) -> None:
    field = {"applies_to": "ticket", "key": "color", **KINDS["color"]}
    for given, at_fault in NONSENSE:
        assert at_fault in faults(machine.post("/custom_fields", field | given)), given
    assert not CustomField.objects.exists()


def test_fields_are_read_by_whoever_reads_what_has_them(
    defined: dict[str, int], alice: Agent, root: Agent
) -> None:
    def seen(scope: str) -> set[str]:
        rows = robot(alice, access_level="custom", scopes=[scope]).get("/custom_fields?per_page=100")
        return {row["applies_to"] for row in rows.json()["data"]}

    assert seen("tickets:read") == {"ticket"}
    assert seen("contacts:read") == {"contact"}
    nobody = robot(AgentFactory(name="Nobody", role=role("Nothing")))
    assert reason(nobody.get("/custom_fields")) == "agent_permission"
    assert reason(robot(root).post("/custom_fields", {})) == "insufficient_scope"
    listed = robot(alice).get("/custom_fields?applies_to=ticket&sort=position").json()["data"]
    assert [row["key"] for row in listed] == list(KINDS)


# --- Filling in -----------------------------------------------------------------------------------------------


def test_every_kind_has_one_form_and_null_takes_a_value_away(defined: dict[str, int], alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    assert filled(r.get(f"/tickets/{case.pk}")) == {}
    given = {
        "note": "  ünï <b>  ",
        "amount": 5.0,
        "due": "2026-12-01",
        "color": "Red",
        "sizes": ["L", "S", "L"],
        "vip": False,
        "page": "https://shop.example/orders/1042?x=1",
    }
    stored = given | {"note": "ünï <b>", "amount": 5, "sizes": ["S", "L"]}
    answer = r.patch(f"/tickets/{case.pk}", {"custom_fields": given})
    assert filled(answer) == stored
    assert "5.0" not in answer.content.decode()
    version = answer.json()["data"]["version"]
    assert r.patch(f"/tickets/{case.pk}", {"custom_fields": given}).json()["data"]["version"] == version
    some = r.post(
        f"/tickets/{case.pk}/custom_fields", {"custom_fields": {"due": None, "note": "", "sizes": []}}
    )
    assert set(filled(some)) == {"amount", "color", "vip", "page"}
    event = Event.objects.about(case).newest_first()[0]
    assert event.type == "ticket.fields_changed"
    assert event.changes["custom_fields.due"] == ["2026-12-01", None]
    assert event.facts["labels"] == {"due": "Due", "note": "Note", "sizes": "Sizes"}


def test_tickets_contacts_and_organizations_are_made_with_values(
    defined: dict[str, int], alice: Agent
) -> None:
    r = robot(alice)
    contact = r.post("/contacts", {"name": "Dave", "custom_fields": {"color": "Red"}})
    organization = r.post("/organizations", {"name": "Acme", "custom_fields": {"sizes": ["M"]}})
    opened = r.post(
        "/tickets",
        {"subject": "a", "message": "b", "contact": "dave@c.example", "custom_fields": {"amount": 0.5}},
    )
    assert [filled(made) for made in (contact, organization, opened)] == [
        {"color": "Red"},
        {"sizes": ["M"]},
        {"amount": 0.5},
    ]
    dave, acme = contact.json()["data"]["id"], organization.json()["data"]["id"]
    assert filled(r.patch(f"/contacts/{dave}", {"custom_fields": {"amount": 1}})) == {
        "color": "Red",
        "amount": 1,
    }
    assert filled(r.patch(f"/organizations/{acme}", {"custom_fields": {"sizes": ["S"]}, "notes": "x"})) == {
        "sizes": ["S"]
    }
    assert [
        Event.objects.filter(type=f"{kind}.changed").get().changes for kind in ("contact", "organization")
    ] == [
        {"custom_fields.amount": [None, 1]},
        {"notes": ["", "x"], "custom_fields.sizes": [["M"], ["S"]]},
    ]
    upserted = {"subject": "c", "message": "d", "contact": dave, "custom_fields": {"vip": True}}
    for _ in range(2):
        assert filled(r.put("/tickets/external/77", upserted)) == {"vip": True}
    imports = robot(
        AgentFactory(
            role=role("Mover", permissions=["tickets:import", "contacts:read", *alice.role.permissions])
        ),
        access_level="custom",
        scopes=["tickets:import", "*:read", "*:write"],
    )
    moved = imports.post(
        "/tickets/import",
        {
            "subject": "Old",
            "external_id": "old-1",
            "contact": "dave@c.example",
            "created_at": "2020-01-01T00:00:00Z",
            "messages": [{"body": "Hi", "created_at": "2020-01-01T00:00:00Z"}],
            "custom_fields": {"color": "Blue"},
        },
    )
    assert filled(moved) == {"color": "Blue"}
    split_off = r.post(f"/tickets/{opened.json()['data']['id']}/reply", {"body": "One more thing."}).json()[
        "data"
    ]["id"]
    made = r.post(f"/tickets/{opened.json()['data']['id']}/split", {"message": split_off})
    assert filled(made) == {}, "A ticket that is split off begins with no values."


UNFIT: list[tuple[str, Any, str]] = [
    ("note", "x" * 100_000, "at most 1,000 characters"),
    ("note", "a\x00b", "control characters"),
    ("note", "a\nb", "one line"),
    ("note", "\ud800", "control characters"),
    ("note", 5, "give a text"),
    ("note", {"a": [{"b": "c"}]}, "give a text"),
    ("amount", True, "give a number"),
    ("amount", "5", "give a number"),
    ("amount", 10**400, "at most 15 digits"),
    ("amount", 10**15, "at most 15 digits"),
    ("due", "2026-02-30", "give a day such as 2026-11-22"),
    ("due", "20261122", "give a day"),
    ("due", "\u0662026-11-22", "give a day"),
    ("color", "Purple", "Color: choose one of: Red, Green, Blue."),
    ("color", "red", "choose one of"),
    ("color", ["Red"], "choose one of"),
    ("sizes", "S", "give a list of some of: S, M, L"),
    ("sizes", ["S", ["M"]], "give a list"),
    ("vip", 1, "give true or false"),
    ("vip", "yes", "give true or false"),
    ("page", "javascript:alert(1)", "give an address such as"),
    ("page", "https://a:b@shop.example/", "without a name or password"),
    ("page", "//shop.example", "give an address"),
    ("c\u043elor", "Red", "Known are: note, amount, due"),
    ("__proto__", "x", "There is no such field"),
    ("note\x00", "x", "There is no such field"),
]


def test_what_does_not_fit_is_refused_with_what_would(defined: dict[str, int], alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    for key, value, words in UNFIT:
        answer = r.patch(f"/tickets/{case.pk}", {"custom_fields": {"vip": True} | {key: value}})
        (path,) = found = faults(answer)
        assert path == f"custom_fields.{key}"
        assert words in found[path], key
        assert len(answer.content) < 2_000
    assert filled(r.get(f"/tickets/{case.pk}")) == {}, "All values are stored, or none."


def test_numbers_that_are_none_never_reach_the_database(defined: dict[str, int], alice: Agent) -> None:
    case, r = ticket(), robot(alice)
    for number in ("NaN", "Infinity", "1e400", "-1e400", "1e15"):
        body = f'{{"custom_fields": {{"amount": {number}}}}}'
        answer = Client().patch(f"/api/v1/tickets/{case.pk}", body, "application/json", headers=r.bearer)
        assert answer.status_code in {400, 422}, number
    assert "custom_fields" in faults(r.patch(f"/tickets/{case.pk}", {"custom_fields": [1]}))
    many = {f"k{n}": n for n in range(101)}
    assert "at most 100" in faults(r.patch(f"/tickets/{case.pk}", {"custom_fields": many}))["custom_fields"]
    assert filled(r.patch(f"/tickets/{case.pk}", {"custom_fields": {"amount": 0.1 + 0.2}})) == {"amount": 0.3}


def test_two_fields_changed_against_one_version_both_land_and_one_changed_twice_is_shown(
    defined: dict[str, int], alice: Agent
) -> None:
    case, r = ticket(), robot(alice)
    assert (
        r.patch(f"/tickets/{case.pk}", {"version": 1, "custom_fields": {"color": "Red"}}).status_code == 200
    )
    both = r.patch(f"/tickets/{case.pk}", {"version": 1, "custom_fields": {"amount": 3}})
    assert filled(both) == {"color": "Red", "amount": 3}
    late = {"version": 1, "custom_fields": {"color": "Blue", "vip": True}, "priority": "high"}
    answer = r.patch(f"/tickets/{case.pk}", late)
    assert (answer.status_code, reason(answer)) == (409, "stale_version")
    assert answer.json()["error"]["conflicts"] == {"custom_fields.color": {"yours": "Blue", "now": "Red"}}
    same = {"version": 1, "custom_fields": {"color": "Red", "vip": True}}
    assert filled(r.patch(f"/tickets/{case.pk}", same)) == {"color": "Red", "amount": 3, "vip": True}


def test_so_it_is_with_contacts_and_organizations(defined: dict[str, int], alice: Agent) -> None:
    r = robot(alice)
    for url, first, late in (
        (f"/contacts/{ContactFactory().pk}", {"color": "Red"}, {"color": "Blue"}),
        (f"/organizations/{OrganizationFactory().pk}", {"sizes": ["S"]}, {"sizes": ["M"]}),
    ):
        assert filled(r.patch(url, {"version": 1, "custom_fields": first})) == first
        assert r.patch(url, {"version": 1, "notes": "Pays late."}).status_code == 200
        answer = r.patch(url, {"version": 1, "custom_fields": late})
        (key,) = first
        assert answer.status_code == 409
        clash = {f"custom_fields.{key}": {"yours": late[key], "now": first[key]}}
        assert answer.json()["error"]["conflicts"] == clash


def test_many_tickets_are_filled_in_at_once(defined: dict[str, int], alice: Agent) -> None:
    first, second, r = ticket(), ticket(), robot(alice)
    bulk = {"ids": [first.pk, second.pk, 999_999], "custom_fields": {"color": "Green"}}
    outcomes = [row["outcome"] for row in r.post("/tickets/bulk", bulk).json()["data"]]
    assert outcomes == ["ok", "ok", "not_found"]
    bad = r.post("/tickets/bulk", bulk | {"custom_fields": {"color": "x"}, "priority": "high"}).json()[
        "data"
    ][0]
    assert (bad["outcome"], list(bad["error"]["fields"])) == ("refused", ["custom_fields.color"])
    assert set(Ticket.objects.values_list("priority", "custom_fields__color")) == {(2, "Green")}
    narrow = robot(alice, tags=["*", "-tickets.fields"])
    for method, path, body in (("post", "bulk", bulk), ("patch", first.pk, {"custom_fields": {}})):
        assert getattr(narrow, method)(f"/tickets/{path}", body).json()["error"]["decided_by"] == "tag"


# --- Fields that change ---------------------------------------------------------------------------------------


def test_a_choice_taken_away_stays_where_it_is_and_is_found(
    defined: dict[str, int], machine: Robot, alice: Agent
) -> None:
    case, r = ticket(), robot(alice)
    r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Red", "sizes": ["S", "M"]}})
    machine.patch(f"/custom_fields/{defined['ticket.color']}", {"choices": ["Green", "Blue", "Pink"]})
    machine.patch(f"/custom_fields/{defined['ticket.sizes']}", {"choices": ["M", "L"]})
    assert filled(
        r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Red", "sizes": ["L", "S"]}})
    ) == {
        "color": "Red",
        "sizes": ["L", "S"],
    }
    assert [row["id"] for row in r.get("/tickets?custom_fields.color=Red").json()["data"]] == [case.pk]
    r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Pink"}})
    assert "color" in str(faults(r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Red"}})))


def test_a_field_out_of_use_is_hidden_keeps_its_values_and_cannot_be_written(
    defined: dict[str, int], machine: Robot, alice: Agent, carol: Contact
) -> None:
    case, r, url = ticket(contact=carol), robot(alice), f"/custom_fields/{defined['ticket.color']}"
    r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Red", "vip": True}})
    used = machine.delete(url)
    assert (used.status_code, reason(used)) == (409, "in_use")
    assert "1 ticket has a value of “Color”" in used.json()["error"]["message"]
    machine.patch(url, {"active": False})
    assert filled(r.get(f"/tickets/{case.pk}")) == {"vip": True}
    assert r.get("/messages?include=ticket").json()["linked"]["ticket"][str(case.pk)]["custom_fields"] == {
        "vip": True
    }
    why = faults(r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": "Blue"}}))
    assert "“Color” is not in use any more. Known are: note," in why["custom_fields.color"]
    assert reason(r.get("/tickets?custom_fields.color=Red")) == "unknown_parameter"
    machine.patch(url, {"active": True})
    assert filled(r.get(f"/tickets/{case.pk}")) == {"color": "Red", "vip": True}
    r.patch(f"/tickets/{case.pk}", {"custom_fields": {"color": None}})
    assert machine.delete(url).status_code == 204


# --- Finding --------------------------------------------------------------------------------------------------


def test_lists_are_filtered_by_any_field(defined: dict[str, int], alice: Agent) -> None:
    r = robot(alice)
    red = ContactFactory(custom_fields={"color": "Red", "amount": 2.5})
    plain = ContactFactory()
    flowers = OrganizationFactory(custom_fields={"sizes": ["S", "L"]})
    case = ticket(contact=plain)
    r.patch(f"/tickets/{case.pk}", {"custom_fields": {"vip": True, "due": "2026-12-01", "note": "a b"}})

    def found(path: str) -> list[int]:
        answer = r.get(path)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["data"]]

    assert found("/contacts?custom_fields.color=Red&custom_fields.amount=2.50") == [red.pk]
    assert found("/contacts?custom_fields.color=none&sort=-id") == [plain.pk]
    assert found("/organizations?custom_fields.sizes=L&name=" + flowers.name) == [flowers.pk]
    assert found("/organizations?custom_fields.sizes=M") == []
    assert found("/tickets?custom_fields.vip=yes&custom_fields.due=2026-12-01&custom_fields.note=a%20b") == [
        case.pk
    ]
    assert found("/tickets?custom_fields.vip=false") == []
    for query, why, words in (
        (
            "custom_fields.colour=Red",
            "unknown_parameter",
            "in use are: custom_fields.amount, custom_fields.color.",
        ),
        ("custom_fields.color=Purple", "invalid_parameter", "Color: choose one of: Red, Green, Blue."),
        ("custom_fields.amount=1e3", "invalid_parameter", "give a number such as 42"),
        ("custom_fields.amount=", "invalid_parameter", "Say none"),
        ("custom_fields.color=%00", "invalid_parameter", "choose one of"),
        ("custom_fields=Red", "invalid_parameter", "custom_fields.KEY=VALUE"),
    ):
        answer = r.get(f"/contacts?{query}")
        assert (answer.status_code, reason(answer)) == (400, why), query
        assert words in answer.json()["error"]["message"], query


def test_equality_is_asked_of_the_index_and_lists_cost_no_query_for_the_fields(
    defined: dict[str, int], alice: Agent
) -> None:
    r = robot(alice)
    ticket(custom_fields={"color": "Red"})

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert r.get(path).json()["data"]
        return len(captured)

    with_fields, filtered = cost("/tickets"), cost("/tickets?custom_fields.color=Red")
    CustomField.objects.filter(applies_to="ticket").update(is_active=True)
    assert filtered == with_fields + 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Ticket.objects.filter(custom_fields__contains={"color": "Red"}).order_by().explain()
    assert "ticket_custom_fields" in plan
