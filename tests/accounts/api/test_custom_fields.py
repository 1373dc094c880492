"""Custom fields over the API: defined and changed by an admin's key, found by everybody's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, CustomField
from activity.models import Event
from tests.accounts.api.fields import KINDS, faults, filled
from tests.factories import AgentFactory, ContactFactory, OrganizationFactory, role, ticket
from tests.robot import Robot, reason, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


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
