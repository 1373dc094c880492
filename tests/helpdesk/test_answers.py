"""What the OpenAPI document tells of answers is true: of every operation, of lists and of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from apitokens.actions import revoke
from helpdesk.api.examples import EXAMPLES
from orders import actions as orders
from tests.factories import ContactFactory, OrganizationFactory, TagFactory, TeamFactory, ticket
from tests.helpdesk.described import ROUTES, check_answer, described
from tests.robot import Robot, ask, reason, robot


@pytest.fixture
def machine(root: Agent) -> Robot:
    return robot(root, admin_functions=True, scopes=["tickets:import", "tickets:propose"])


FIELDS = [
    {"applies_to": "ticket", "key": "order_number", "label": "Order number", "kind": "text"},
    {
        "applies_to": "ticket",
        "key": "reason",
        "label": "Reason",
        "kind": "choice",
        "choices": ["Damaged", "Late"],
    },
]


MACRO = {"name": "Late parcel", "steps": [{"do": "add_tags", "value": ["parcel"]}], "sharing": "everyone"}


@pytest.fixture
def ids(machine: Robot, alice: Agent, carol: Contact, support: Team) -> dict[str, int]:
    """A row of every kind, by the first word of its path."""
    carol.organization = OrganizationFactory(name="Flowers Ltd")
    carol.save(update_fields=["organization"])
    case = ticket(contact=carol, team=support, assignee=alice, tags=[TagFactory(name="late")])
    ticket("The other parcel", contact=carol, external_id="order-0999")
    sent = upload(machine).json()["data"]["id"]
    wrote = machine.post(f"/tickets/{case.pk}/reply", {"body": "See the file.", "attachments": [sent]})
    shared = machine.post("/templates", {"name": "Hello", "body": "Hello {{contact.name}}"}).json()["data"]
    order = orders.create(external_id="1042", contact=carol, ticket=case, actor=system_actor())
    for field in FIELDS:
        assert machine.post("/custom_fields", field).status_code == 201
    machine.patch(f"/tickets/{case.pk}", {"custom_fields": {"order_number": "77"}})
    return {
        "tickets": case.pk,
        "messages": wrote.json()["data"]["id"],
        "attachments": sent,
        "proposals": machine.post(f"/tickets/{case.pk}/proposals", EXAMPLES["tickets.propose"]).json()[
            "data"
        ]["id"],
        "tags": TagFactory(name="parcel").pk,
        "views": machine.post("/views", {"name": "Late", "query": "tag:late"}).json()["data"]["id"],
        "contacts": carol.pk,
        "delete contacts": ContactFactory().pk,
        "delete attachments": upload(machine).json()["data"]["id"],
        "agents": alice.pk,
        "organizations": carol.organization.pk,
        "teams": support.pk,
        "delete teams": TeamFactory().pk,
        "roles": alice.role.pk,
        "custom_fields": machine.get("/custom_fields?key=reason").json()["data"][0]["id"],
        "notes": machine.post(f"/tickets/{case.pk}/note", {"body": "Lost again."}).json()["data"]["id"],
        "tag_groups": machine.post("/tag_groups", {"name": "Parcels"}).json()["data"]["id"],
        "channels": machine.get("/channels?kind=app").json()["data"][0]["id"],
        "templates": shared["id"],
        "macros": machine.post("/macros", MACRO).json()["data"]["id"],
        "triggers": machine.post("/triggers", EXAMPLES["triggers.create"] | {"name": "T"}).json()["data"][
            "id"
        ],
        "orders": order.pk,
        "keys": robot(alice).key.pk,
        "events": machine.get("/events?per_page=1").json()["data"][0]["id"],
        **told(machine),
        "delete keys": revoke(robot(alice).key, actor=system_actor()).pk,
        "order_notes": machine.post(f"/orders/{order.pk}/notes", {"text": "Fragile."}).json()["data"]["id"],
    }


def told(machine: Robot) -> dict[str, int]:
    """A webhook, and a delivery that waits."""
    webhook = machine.post("/webhooks", EXAMPLES["webhooks.create"]).json()["data"]["id"]
    delivery = machine.post(f"/webhooks/{webhook}/test").json()["data"]["id"]
    return {"webhooks": webhook, "webhook_deliveries": delivery}


def upload(machine: Robot) -> Any:
    file = SimpleUploadedFile("label.txt", b"From here to there", "text/plain")
    return Client().post("/api/v1/attachments", {"file": file}, headers=machine.bearer)


@pytest.mark.django_db
def test_every_operation_answers_as_described(machine: Robot, ids: dict[str, int]) -> None:
    for path, method in ROUTES:
        with taken_back():
            answers_as_described(path, method, machine, ids)


@contextmanager
def taken_back() -> Iterator[None]:
    """So that the next one finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answers_as_described(path: str, method: str, machine: Robot, ids: dict[str, int]) -> None:
    operation = described()[path, method]
    kind = path.split("/")[1]
    url = path.replace("{id}", str(ids.get(f"{method} {kind}", ids.get(kind, 0)))).replace(
        "{external_id}", "1042"
    )
    if (method, path) == ("post", "/attachments"):
        answer = upload(machine)
    else:
        example = EXAMPLES.get(operation["operationId"].removesuffix(".put"))
        example = example | {"message": ids["messages"]} if example and path.endswith("/split") else example
        key = machine.bearer if ROUTES[path, method][0].needs_credential else {}
        answer = ask(method, url, example, headers=key)
    assert answer.status_code in {200, 201, 204}, (method, path, answer.content)
    check_answer(operation, answer)
    if method == "get" and "304" in operation["responses"]:
        again = ask(method, url, headers=machine.bearer | {"If-None-Match": answer.headers["ETag"]})
        # Each request adds to the key's log, and to what is known of its last use.
        assert again.status_code == (200 if path in {"/me/requests", "/keys"} else 304), path


LISTS = (
    "/tickets?include=contact,assignee,team,organization&status=open&sort=-updated_at&ids=1,2,3",
    "/tickets?include=contact,assignee,team,organization&cursor=&per_page=1",
    "/tickets?include=followers,merged_into&snoozed=false&merged=false&follower=me",
    "/tickets?assignee=alice@desk.example&contact=carol@customer.example&tag=late&q=parcel",
    "/contacts?include=organization&page=1&count=5",
    "/agents?include=teams&active=true&kind=person",
    "/messages?kind=reply&cursor=&include=ticket",
    "/notes?include=ticket&sort=created_at",
    "/attachments?sort=id",
    "/tags?name=late&include=group",
    "/tag_groups?include=tags",
    "/organizations?sort=name&updated_since=2020-01-01T00:00:00Z",
    "/teams?include=agents&sort=-name",
    "/roles?sort=name&cursor=&per_page=1",
    "/custom_fields?applies_to=ticket&active=true&sort=-position&cursor=&per_page=1",
    "/tickets?custom_fields.order_number=77&custom_fields.reason=none",
    "/events?include=agent,contact&types=ticket.*,key.created&cursor=0&per_page=5",
    "/keys?include=agent,owner,created_by&sort=name&state=live",
    "/webhooks?include=created_by&active=true&sort=-name",
    "/channels?include=default_team&kind=app",
    "/templates?include=team,owner&sharing=everyone&sort=-updated_at&cursor=",
    "/macros?include=team,owner&sharing=everyone&sort=-name",
    "/triggers?active=true&sort=-position&cursor=",
    "/orders?include=contact,ticket&contact=carol@customer.example&sort=-placed_at",
    "/orders?ticket=none&marketplace=&status=paid&cursor=&per_page=1",
    "/order_notes?include=author&updated_since=2020-01-01T00:00:00Z",
)


@pytest.mark.django_db
def test_lists_answer_as_described(machine: Robot, ids: dict[str, int]) -> None:
    for n in range(3):
        ticket(f"Another parcel {n}", contact=ContactFactory())
    for url in LISTS:
        answer = machine.get(url)
        assert answer.status_code == 200, (url, answer.content)
        check_answer(described()[url.partition("?")[0], "get"], answer)


def test_a_superuser_key_without_an_agent_is_described_too(root: Agent) -> None:
    lonely = robot(None, owner=root, kind="superuser")
    answer = lonely.get("/me")
    assert answer.json()["data"]["person"] is None
    check_answer(described()["/me", "get"], answer)


def test_a_ticket_moved_out_of_reach_is_described_too(bob: Agent, billing: Team, support: Team) -> None:
    case = ticket(team=billing)
    answer = robot(bob).post(f"/tickets/{case.pk}/team", {"team": "Support"})
    assert answer.json()["data"] == {"id": case.pk, "number": case.pk}
    check_answer(described()["/tickets/{id}/team", "post"], answer)


@pytest.mark.django_db
def test_refusals_are_as_described(machine: Robot, ids: dict[str, int], root: Agent) -> None:
    case, reader = ids["tickets"], robot(root, access_level="read")
    lonely = robot(None, owner=root, kind="superuser")
    refusals = [
        ("get", "/tickets", ask("get", "/tickets"), 401),
        ("get", "/tickets", ask("get", "/tickets", headers={"Authorization": "Bearer no"}), 401),
        ("get", "/tickets", machine.get("/tickets?colour=red"), 400),
        ("get", "/tickets", machine.get("/tickets?page=9999"), 400),
        ("get", "/tickets", lonely.get("/tickets"), 400),
        ("get", "/tickets", machine.get("/tickets", Accept="text/csv"), 406),
        ("get", "/tickets", machine.get("/tickets", **{"X-Agent-ID": str(ids["agents"])}), 403),
        ("post", "/tickets", reader.post("/tickets", {}), 403),
        ("post", "/tickets", machine.post("/tickets", {"subject": "", "colour": "red"}), 422),
        ("post", "/tickets", machine.post("/tickets", [1]), 422),
        ("get", "/tickets/{id}", machine.get("/tickets/999999"), 404),
        ("post", "/tickets/{id}/status", machine.post(f"/tickets/{case}/status", {"status": "lost"}), 422),
        ("post", "/tags", machine.post("/tags", {"name": "late"}), 409),
        ("post", "/contacts", machine.post("/contacts", {"emails": ["carol@customer.example"]}), 409),
    ]
    for method, path, answer, status in refusals:
        assert answer.status_code == status, answer.content
        check_answer(described()[path, method], answer)


@pytest.mark.django_db
def test_a_file_is_sent_whatever_type_the_client_accepts(machine: Robot, ids: dict[str, int]) -> None:
    url = f"/attachments/{ids['attachments']}/download"
    answer = machine.get(url, Accept="application/octet-stream")
    assert b"".join(answer.streaming_content) == b"From here to there"
    assert reason(machine.get("/attachments/999999/download", Accept="text/plain")) == "not_found"


def test_other_types_of_body_are_refused_as_described(machine: Robot) -> None:
    answer = Client().post("/api/v1/tickets", "<ticket/>", "application/xml", headers=machine.bearer)
    assert answer.status_code == 415
    check_answer(described()["/tickets", "post"], answer)
