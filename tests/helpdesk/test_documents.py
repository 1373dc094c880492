"""The OpenAPI document is valid and complete; the pages made from it tell the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.conf import settings
from django.test import Client
from openapi_spec_validator import validate
from playwright.sync_api import Page, expect

from accounts.api.lists import PARAMETERS
from accounts.api.operations import OPERATIONS
from accounts.api.representations import LINKABLE
from accounts.api.shapes import LINKED
from accounts.models import Agent, Contact
from helpdesk.api.examples import EXAMPLES
from helpdesk.api.notes import NOTES
from helpdesk.api.reasons import REASONS
from helpdesk.api.schema import document
from tests.helpdesk.described import ROUTES, check, described, parameters
from tests.robot import ask, reason, robot
from tests.servers import StartServer

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


def test_query_parameters_are_those_the_view_understands() -> None:
    for (path, method), (view, _) in ROUTES.items():
        listed = {p["name"] for p in parameters(path, method) if p["in"] == "query"}
        assert listed == (view.parameters if method == "get" else view.identifying), (method, path)
        if view.query and method == "get":
            assert set(view.query().fields) == view.parameters - PARAMETERS, path


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

    for as_it_stands in ("tickets.list", "contacts.list", "organizations.list"):
        page.get_by_label("Find an operation").fill(as_it_stands)
        expect(operation).to_have_count(1)
        expect(operation).to_contain_text(as_it_stands)
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").last).to_have_text("200")

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
