"""Root makes a webhook in the admin, sees its secret once, tests it, sees it fail, and has it delivered again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Agent
from automations.models import Delivery, State, Webhook
from tests.automations.receiver import Receiver, answering
from tests.browser import barriers
from tests.canary import admin_pages, tables_holding
from tests.cast import sign_in
from tests.factories import PASSWORD, ticket
from tests.robot import robot
from tests.servers import StartServer, StartWorker
from tests.waiting import until


@pytest.mark.django_db(transaction=True)
def test_from_the_form_to_the_second_delivery(
    start_server: StartServer, start_worker: StartWorker, page: Page, root: Agent, alice: Agent, ear: Receiver
) -> None:
    ear.answers["/crm"] = answering(500, b"Out of order")
    robot(alice, name="CRM sync", owner=root)
    start_worker()
    # Only a server of its own has the environment of this test.
    desk = f"{start_server(of_its_own=True).url}/admin/automations/webhook/"
    page.goto(f"{desk}add/")
    page.get_by_label("E-mail address").fill(root.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Add webhook")).to_be_visible()
    found = barriers(page)
    page.get_by_label("Name", exact=True).fill("CRM")
    page.get_by_label("URL").fill("http://10.0.0.1/hook")
    page.get_by_label("Reads as").select_option(label="CRM sync")
    page.get_by_label("opened (ticket.opened)").check()
    page.get_by_role("button", name="Create the webhook").click()
    expect(page.get_by_text("10.0.0.1 is not on the public internet.")).to_be_visible()
    page.get_by_label("URL").fill(ear.url("/crm"))
    page.get_by_role("button", name="Create the webhook").click()

    secret = page.get_by_label("Secret", exact=True).input_value()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    found += barriers(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("Tickets: opened")).to_be_visible()
    assert secret not in page.content()
    assert tables_holding(secret) == []

    page.get_by_role("button", name="Send a test").click()
    attempt = page.get_by_role("heading", name="Attempt 1")
    expect(attempt).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Out of order")).to_be_visible()
    page.get_by_text("What was sent").click()
    found += barriers(page, dark_width=390)

    ticket("It must arrive")
    until(lambda: Delivery.objects.filter(type="ticket.opened", attempts__gt=0, claimed_until=None).exists())
    del ear.answers["/crm"]
    page.get_by_role("link", name="Deliveries", exact=True).click()
    found += barriers(page)
    page.get_by_role("link", name="ticket.opened").click()
    page.get_by_role("button", name="Send it now").click()
    until(lambda: Delivery.objects.get(type="ticket.opened").state == State.DELIVERED)
    page.reload()
    expect(page.get_by_text("delivered", exact=True)).to_be_visible()
    assert ear.at("/crm")[-1].json["data"]["ticket"]["subject"] == "It must arrive"
    found += barriers(page, f"{desk}{Webhook.objects.get().pk}/overview/")
    found += barriers(page, desk)
    assert found == []


@pytest.mark.django_db
def test_every_page_of_a_webhook_and_no_secret_on_any(root: Agent, ear: Receiver) -> None:
    client = sign_in(root)
    base = "/admin/automations/webhook/"

    def token(path: str) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).content.decode())
        assert found
        return found[1]

    form = {"name": "CRM", "url": ear.url(), "types": ["ticket.*"], "others": "role.*"}
    sent = {**form, "form_token": token(f"{base}add/")}
    made = client.post(f"{base}add/", sent)
    webhook = Webhook.objects.get()
    here = f"{base}{webhook.pk}/"
    rotated = client.post(f"{here}rotate/", {"overlap": "24", "form_token": token(f"{here}rotate/")})
    secrets = [
        re.findall(r"whsec_[A-Za-z0-9+/]{43}=", answer.content.decode())[0] for answer in (made, rotated)
    ]
    assert len(set(secrets)) == 2
    assert all("no-store" in answer["Cache-Control"] for answer in (made, rotated))
    assert b"was sent before" in client.post(f"{base}add/", sent).content, "A reload makes no second one."
    assert (webhook.agent, webhook.types) == (root, ["role.*", "ticket.*"])

    client.post(f"{here}change/", {**form, "name": "CRM 2", "others": ""})
    client.post(f"{here}test/")
    client.post(f"{here}end-rotation/")
    client.post(f"{here}switch-off/")
    client.post(f"{here}switch-on/", {"catch_up": "on"})
    client.post(f"{here}again/", {"since": "2099-01-01T00:00", "until": "2099-01-02T00:00"})
    client.post(f"{here}deliveries/{Delivery.objects.get().pk}/again/")
    webhook.refresh_from_db()
    assert (webhook.name, webhook.types, webhook.is_active) == ("CRM 2", ["ticket.*"], True)
    pages = admin_pages(client, here + "overview/", here + "deliveries/", here + "again/", here + "rotate/")
    assert len([path for path in pages if path.startswith(here)]) >= 7
    for secret in secrets:
        assert [path for path, text in pages.items() if secret in text] == []
        assert tables_holding(secret) == []
    history = pages[f"{here}history/"]
    for kind in ("created", "rotated", "changed", "tested", "rotation_ended", "disabled", "enabled"):
        assert f"webhook.{kind}" in history
    assert ear.address.removeprefix("http://") not in history, "URLs are often secrets."
