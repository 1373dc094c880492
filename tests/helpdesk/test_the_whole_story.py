"""From an empty list of keys to a customer's question solved: in a real browser, with a real HTTP client."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Agent
from tests.canary import tables_holding
from tests.desk import sign_in
from tests.servers import RunningServer, StartServer
from tests.tasks import ten_seconds_last

pytestmark = pytest.mark.django_db(transaction=True)


def create_a_key(page: Page, server: RunningServer, acts_as: Agent) -> tuple[str, str]:
    """Root creates a key in the admin and copies both spellings of its secret from the page."""
    page.goto(f"{server.url}/admin/apitokens/apikey/add/")
    page.get_by_label("Name").fill("CRM sync")
    page.get_by_label("Used for").fill("Opens tickets from the shop")
    page.get_by_label("Acts as").select_option(label=acts_as.name)
    page.get_by_label("Full access", exact=True).first.check()
    page.get_by_role("button", name=re.compile("Create|Save")).first.click()
    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    return value_of(page, "bearer"), value_of(page, "code")


def value_of(page: Page, element: str) -> str:
    return str(page.locator(f"#{element}").evaluate("e => e.value || e.textContent")).strip()


def test_a_key_a_ticket_a_reply_and_a_log(
    browser: Browser, page: Page, start_server: StartServer, root: Agent, alice: Agent
) -> None:
    server = start_server(processes=2)
    sign_in(page, server.url, root)
    bearer, code = create_a_key(page, server, alice)
    secret = bearer.rpartition(" ")[2]
    assert re.fullmatch(r"hdk_[0-9A-Za-z]{38}", secret)
    assert code.startswith("Authorization: key ")

    # The shop opens a ticket with one spelling and reads it with the other.
    new = {"subject": "Lost parcel", "message": "Where is my parcel?", "contact": "carol@customer.example"}
    with client(server, code) as shop:
        opened = shop.post("/tickets", json=new)
        assert opened.status_code == 201
    number = opened.json()["data"]["id"]
    with client(server, bearer) as shop:
        assert shop.get(f"/tickets/{number}").json()["data"]["subject"] == "Lost parcel"

    # Alice finds it, answers, and solves it.
    hers = browser.new_context().new_page()
    sign_in(hers, server.url, alice)
    hers.goto(f"{server.url}/views/unassigned/")
    hers.get_by_role("link", name=re.compile("Lost parcel")).first.click()
    expect(hers.get_by_text("Where is my parcel?").first).to_be_visible()
    expect(hers.locator("#timeline").get_by_text("via CRM sync").first).to_be_visible()
    hers.get_by_label("Message", exact=True).fill("It arrives **tomorrow**.")
    hers.locator(".send-more summary").click()
    hers.get_by_role("button", name="Send as solved").click()
    expect(hers.locator(".held")).to_be_visible()
    ten_seconds_last(hers)
    hers.get_by_role("button", name="Send now").click()
    expect(hers.locator(".held")).to_have_count(0)
    expect(hers.locator("strong", has_text="tomorrow")).to_be_visible()

    # The shop reads the answer.
    with client(server, bearer) as shop:
        messages = shop.get(f"/tickets/{number}/messages").json()["data"]
        assert [m["author"]["name"] for m in messages] == ["carol@customer.example", "Alice"]
        assert "tomorrow" in messages[1]["body_text"]
        assert shop.get(f"/tickets/{number}").json()["data"]["status"] == "solved"

    # The key's page lists exactly these requests.
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Requests", exact=True).click()
    rows = page.locator("table.log tbody tr")
    expect(rows).to_have_count(4)
    for row, (method, path, status) in enumerate(
        [
            ("GET", f"/api/v1/tickets/{number}", "200"),
            ("GET", f"/api/v1/tickets/{number}/messages", "200"),
            ("GET", f"/api/v1/tickets/{number}", "200"),
            ("POST", "/api/v1/tickets", "201"),
        ]
    ):
        for text in (f"{method} {path}", status, "Alice"):
            expect(rows.nth(row)).to_contain_text(text)

    # And the secret is nowhere.
    assert_nowhere(secret, page, server)


def client(server: RunningServer, authorization: str) -> httpx.Client:
    """A program that was given nothing but a line to paste."""
    name, _, value = authorization.partition(": ")
    return httpx.Client(base_url=f"{server.url}/api/v1", headers={name: value}, timeout=60)


def assert_nowhere(secret: str, page: Page, server: RunningServer) -> None:
    for part in (secret, secret[4:-4]):
        assert tables_holding(part) == []
        assert part not in server.log.read_text()
        assert part not in str(page.context.cookies())
        for path in ("", "apitokens/apikey/", "apitokens/apikey/1/change/", "activity/event/"):
            page.goto(f"{server.url}/admin/{path}")
            assert part not in page.content()


def test_the_canary_would_be_found(root: Agent) -> None:
    assert tables_holding(root.email) == ["public.accounts_agent"]
