"""The OpenAPI document is valid, complete and true; the pages made from it tell the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from playwright.sync_api import Page, expect

from accounts.api.lists import PARAMETERS
from accounts.api.representations import LINKABLE
from accounts.api.shapes import LINKED
from accounts.api.views import OPERATIONS
from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from apitokens.actions import revoke
from helpdesk.api.notes import EXAMPLES, NOTES
from helpdesk.api.reasons import REASONS
from helpdesk.api.schema import document
from helpdesk.api.urls import paths
from orders import actions as orders
from tests.factories import ContactFactory, OrganizationFactory, TagFactory, TeamFactory, ticket
from tests.robot import Robot, ask, reason, robot
from tests.servers import StartServer

ROUTES = {
    ("/" + path, method.lower()): (view, view.operations[method])
    for path, view in paths()
    for method in view.operations
}
CASES = [pytest.param(path, method, id=f"{method} {path}") for path, method in ROUTES]


# --- The document ---------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi() -> None:
    assert document()["openapi"] == "3.1.0"
    validate(deepcopy(document()))


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    assert set(described()) == set(ROUTES)


def test_operations_have_the_names_that_tags_of_keys_match() -> None:
    ids = [operation["operationId"] for operation in described().values()]
    assert len(ids) == len(set(ids))
    assert {name.removesuffix(".put") for name in ids} == {op.name for _, op in ROUTES.values()}


@pytest.mark.parametrize(("path", "method"), CASES)
def test_query_parameters_are_those_the_view_understands(path: str, method: str) -> None:
    view, _ = ROUTES[path, method]
    listed = {p["name"] for p in parameters(path, method) if p["in"] == "query"}
    assert listed == (view.parameters if method == "get" else view.identifying)
    if view.query and method == "get":
        assert set(view.query().fields) == view.parameters - PARAMETERS


def test_every_kind_of_credential_is_an_alternative_and_names_the_scope() -> None:
    assert described()["/tickets", "post"]["security"] == [
        {"bearer": ["tickets:write"]},
        {"key": ["tickets:write"]},
        {"oauth": ["tickets:write"]},
    ]
    # What administers the helpdesk is for keys alone.
    assert described()["/keys", "post"]["security"] == [{"bearer": ["keys:write"]}, {"key": ["keys:write"]}]
    either = described()["/tickets/{id}/messages", "post"]["security"]
    assert {"key": ["messages:write"]} in either
    assert {"key": ["notes:write"]} in either
    assert described()["/helpdesk/discover", "get"]["security"] == []


def test_every_body_has_an_example_that_the_document_itself_accepts() -> None:
    for (path, method), operation in described().items():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == "application/json":
                check(content["schema"], content["example"], f"{method} {path}")


def test_notes_and_examples_are_about_operations_that_exist() -> None:
    assert set(NOTES) <= set(OPERATIONS)
    assert set(EXAMPLES) <= set(OPERATIONS)


def test_what_lists_can_include_has_a_shape() -> None:
    assert set(LINKABLE) == set(LINKED)


@pytest.mark.django_db
def test_the_document_is_public_and_not_sent_twice(client: Client) -> None:
    first = client.get("/api/v1/openapi.json")
    assert first.json() == document()
    again = client.get("/api/v2/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reason(client.post("/api/v1/openapi.json")) == "method_not_allowed"


def test_a_key_gets_the_document_of_what_it_can_do(client: Client, alice: Agent) -> None:
    shop = robot(alice, access_level="custom", scopes=["tickets:write", "orders:read"], tags=["*", "-*.bulk"])
    answer = shop.get("/openapi.json?for=me")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert shop.get("/openapi.json?for=me", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304

    mine = answer.json()
    validate(deepcopy(mine))
    listed = {o["operationId"].removesuffix(".put") for path in mine["paths"].values() for o in path.values()}
    assert listed == set(shop.get("/me").json()["data"]["abilities"])
    assert {"tickets.create", "tickets.upsert", "orders.list"} < listed
    assert not {"tickets.list", "tickets.bulk", "keys.list"} & listed
    for section, parts in mine["components"].items():
        unused = {name for name in parts if f'"#/components/{section}/{name}"' not in answer.content.decode()}
        assert not unused or section == "securitySchemes"
    assert [tag["name"] for tag in mine["tags"]][-1] == "orders"

    form = robot(alice, tags=["tickets.create"]).get("/openapi.json?for=me").json()["paths"]
    assert {path: set(methods) for path, methods in form.items()} == {"/tickets": {"post"}}

    # The key alone does not narrow: programs that always send one get the whole document, as everybody does.
    assert shop.get("/openapi.json").content == client.get("/api/v1/openapi.json").content
    assert reason(client.get("/api/v1/openapi.json?for=me")) == "credentials_missing"
    assert reason(shop.get("/openapi.json?for=bob")) == "invalid_parameter"


def test_before_it_acts_as_somebody_a_superuser_key_is_told_of_little(root: Agent) -> None:
    lonely = robot(None, owner=root, kind="superuser")
    assert set(lonely.get("/openapi.json?for=me").json()["paths"]) == {
        "/",
        "/me",
        "/me/requests",
        "/helpdesk/discover",
    }
    assert "/tickets" in lonely.acting_as(root).get("/openapi.json?for=me").json()["paths"]


# --- The truth ------------------------------------------------------------------------------------------------


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


# --- Reasons --------------------------------------------------------------------------------------------------


def test_every_reason_in_the_code_is_explained() -> None:
    known = {(status, name) for status, names in REASONS.items() for name in names}
    raised = set(reasons_in_the_code())
    assert len(raised) > 30
    assert raised == known


def reasons_in_the_code() -> Iterator[tuple[int, str]]:
    """Every status and reason of an ApiError, and those for refusals from outside REST framework."""
    from helpdesk.api.middleware import _OUTSIDE

    yield from ((status, name) for status, (name, _) in _OUTSIDE.items())
    yield 500, "server_error"
    yield 422, "unknown_field"
    for app in ("accounts", "apitokens", "tickets", "orders", "helpdesk"):
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Name(id="ApiError"),
                        args=[ast.Constant(value=int(status)), ast.Constant(value=str(name)), *_],
                    ):
                        yield status, name


# --- The pages ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_docs_explain_every_reason_and_operation_without_scripts(client: Client) -> None:
    answer = client.get("/api/docs")
    html = answer.content.decode()
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    assert {name for names in REASONS.values() for name in names} <= set(anchors)
    assert {operation["operationId"] for operation in described().values()} <= set(anchors)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)
    assert "<script" not in html
    assert " style=" not in html


@pytest.mark.django_db
def test_an_error_leads_to_its_own_line_of_the_docs(client: Client) -> None:
    address = ask("get", "/tickets").json()["error"]["docs"]
    page, _, anchor = address.removeprefix(settings.SITE_URL).partition("#")
    assert f'id="{anchor}"' in client.get(page).content.decode()


@pytest.mark.django_db
def test_the_browser_is_found_where_other_products_have_it(client: Client) -> None:
    assert client.get("/api/api.html").content == client.get("/api/browser").content
    assert reason(client.post("/api/browser")) == "method_not_allowed"


def test_an_operation_is_tried_out_in_the_browser(
    page: Page, start_server: StartServer, root: Agent, alice: Agent
) -> None:
    url = start_server().url
    machine = robot(None, owner=root, kind="superuser")
    outside: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((url, "data:")) else outside.append(r.url))
    page.goto(f"{url}/api/browser")
    page.get_by_label("API key").fill(machine.secret)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("enter the id of the agent")

    page.get_by_label("X-Agent-ID").fill(str(alice.pk))
    page.get_by_role("button", name="Check the key").click()
    expect(page.get_by_role("status")).to_contain_text("act as Alice (header)")

    page.get_by_label("Find an operation").fill("contacts.create")
    operation = page.locator(".opblock:visible")
    expect(operation).to_have_count(1)
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_have_text("201")
    expect(operation.locator(".curl-command")).to_contain_text("Bearer YOUR-KEY")
    assert Contact.objects.filter(name="Dave").exists()

    page.get_by_label("Find an operation").fill("keys.list")
    expect(operation).to_have_count(1)
    page.get_by_label("Only what the key may do").check()
    expect(operation).to_have_count(0)
    page.get_by_label("Find an operation").fill("contacts.create")
    expect(operation).to_have_count(1)

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    assert machine.secret not in page.content()
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")
    assert not outside


# --- Helpers --------------------------------------------------------------------------------------------------


def described() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def parameters(path: str, method: str) -> list[dict[str, Any]]:
    return [resolved(parameter) for parameter in described()[path, method]["parameters"]]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    section, name = part["$ref"].split("/")[-2:]
    found: dict[str, Any] = document()["components"][section][name]
    return found


SOMETIMES = {"Idempotent-Replayed", "Preference-Applied"}
"""Headers that answer what a request asked for."""


def check_answer(operation: dict[str, Any], answer: Any) -> None:
    """Status, headers and body are among what the document promises."""
    described_answer = resolved(operation["responses"][str(answer.status_code)])
    promised = described_answer["headers"]
    missing = {name for name in promised if name not in answer.headers} - SOMETIMES
    assert not missing or answer.status_code >= 400
    own = {
        n
        for n in answer.headers
        if n.startswith(("X-R", "X-S", "X-A", "ETag", "Link", "Loc", "Retry", "WWW"))
    }
    assert answer.status_code >= 400 or own <= set(promised)
    if content := described_answer.get("content", {}).get("application/json"):
        check(content["schema"], answer.json(), answer.request["PATH_INFO"])


def check(schema: dict[str, Any], value: Any, what: str) -> None:
    """The value fits the schema, and holds nothing that the schema does not name."""
    whole = {"components": closed(document()["components"]), **closed(schema)}
    errors = [f"{e.json_path}: {e.message}" for e in OAS31Validator(whole).iter_errors(value)]
    assert not errors, f"{what}: {errors}"


def closed(part: Any) -> Any:
    if isinstance(part, list):
        return [closed(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    inner = {name: closed(value) for name, value in part.items()}
    return {"additionalProperties": False} | inner if "properties" in part else inner
