"""Custom fields are filled in over the API: in one form for each kind, with what does not fit refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Agent
from activity.models import Event
from tests.accounts.api.fields import faults, filled
from tests.factories import AgentFactory, ContactFactory, OrganizationFactory, role, ticket
from tests.robot import reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


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
    assert re.search(r'"amount": ?5[,}]', answer.content.decode()), "And not 5.0."
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
